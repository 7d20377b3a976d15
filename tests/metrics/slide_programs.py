"""The three programs of the slides' Figure 2-3 (deck D1:63-158), error marks removed."""

GENERATED = r"""#include<stdio.h>
void main()
{
    int x,a[100],i,max1,max2;
    scanf("%d",&n);
    for(i=0;i<=n-1;i++)
    {
        scanf("%d",&a[i]);
        if (a[i]>max1)
            max2=a[i];
        for(i=1;i<=n;i++)
        {
            if(a[i]>max&&a[i]==max1)
                max2=a[i];
        }

        printf("%d\n%d",max1,max2);
        return 0;
    }
}
"""

SAMPLE_1 = r"""#include<stdio.h>
int main(){
    int n,i,j,sz[100],max=0,ci=0;
    scanf("%d",&n);
    for(i=0;i<n;i++){
        scanf("%d",&sz[i]);
        if(sz[i]>max){
            max=sz[i];
        }
        for(i=0;i<n;i++){
            if(sz[i]>ci&&sz[i]<max){
                ci=sz[i];
            }
        }
        printf("%d\n%d",max,ci);
        return 0;
    }
}
"""

SAMPLE_2 = r"""#include<stdio.h>
void main()
{
    int n,i,a[100],j,max1,max2;
    scanf("%d",&n);
    for(i=0;i<n;i++)
    {
        scanf("%d",&a[i]);
    }
    max1=a[0];
    for(i=0;i<n;i++)
    {
        if(a[i]>max1)
            max1=a[i];
    }
    for(i=0;i<n;i++)
    {
        if(max1==a[i])
            j=i;
    }
    if(max1!=a[0])
        max2=a[0];
    else max2=a[1];
    for(i=0;i<n;i++)
    {
        if(i==j) continue;
        if(a[i]>max2)
            max2=a[i];
    }

    printf("%d\n%d",max1,max2);
}
"""
