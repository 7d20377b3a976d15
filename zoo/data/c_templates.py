"""What the embedded C programs do, one template a problem.

``⟨one¦another⟩`` is a choice, ``$n`` a name of the role ``n``; a line's indentation follows from the braces.
"""

ROLES = {
    "a": ("a", "arr", "num", "x", "data", "v"),
    "b": ("b", "brr", "y", "other", "w"),
    "c": ("c", "ch", "letter"),
    "d": ("d", "div", "digit", "q"),
    "f": ("f", "flag", "ok", "found"),
    "i": ("i", "k", "p"),
    "j": ("j", "l", "r"),
    "m": ("m", "max", "best", "result", "ans"),
    "n": ("n", "size", "len", "total"),
    "s": ("s", "sum", "acc", "res"),
    "t": ("t", "temp", "tmp", "swap"),
    "w": ("str", "word", "line", "text", "buf"),
}
"""Names that a role may have."""

_READ_ARRAY = """int $n, $i, $a[⟨100¦200¦1000⟩];
scanf("%d", &$n);
for ($i = 0; $i < $n; ⟨$i++¦++$i⟩) ⟨scanf("%d", &$a[$i]);¦{
scanf("%d", &$a[$i]);
}⟩
"""

_MAIN = "⟨int main()¦int main(void)⟩ {\n"
_END = "return 0;\n}\n"

TEMPLATES: dict[str, str] = {
    "largest of n numbers": _MAIN
    + _READ_ARRAY
    + """int $m = $a[0];
for ($i = 1; $i < $n; $i++) ⟨if ($a[$i] > $m) $m = $a[$i];¦{
if ($m < $a[$i]) {
$m = $a[$i];
}
}⟩
printf("%d\\n", $m);
"""
    + _END,
    "place of the smallest": _MAIN
    + _READ_ARRAY
    + """int $m = 0;
for ($i = 1; $i < $n; $i++) {
if (⟨$a[$i] < $a[$m]¦$a[$m] > $a[$i]⟩) $m = $i;
}
printf("⟨%d %d¦%d: %d⟩\\n", $m⟨¦ + 1⟩, $a[$m]);
"""
    + _END,
    "sum and mean": _MAIN
    + """int $n, $i, $a;
⟨int¦long⟩ $s = 0;
scanf("%d", &$n);
⟨for ($i = 0; $i < $n; $i++) {
scanf("%d", &$a);
$s += $a;
}¦$i = 0;
while ($i < $n) {
scanf("%d", &$a);
$s = $s + $a;
$i++;
}⟩
printf("%.2f\\n", ⟨1.0 * $s / $n¦(double)$s / $n⟩);
"""
    + _END,
    "bubble sort": _MAIN
    + _READ_ARRAY
    + """int $j, $t;
for ($i = 0; $i < $n - 1; $i++) {
for ($j = 0; $j < $n - 1 - $i; $j++) {
if ($a[$j] ⟨>¦<⟩ $a[$j + 1]) {
$t = $a[$j];
$a[$j] = $a[$j + 1];
$a[$j + 1] = $t;
}
}
}
for ($i = 0; $i < $n; $i++) printf("%d⟨ ¦\\n⟩", $a[$i]);
"""
    + _END,
    "selection sort": """void sort(int ⟨*$b¦$b[]⟩, int $m) {
int $i, $j, $t;
for ($i = 0; $i < $m; $i++) {
for ($j = $i + 1; $j < $m; $j++) {
if ($b[$j] < $b[$i]) {
$t = $b[$i]; $b[$i] = $b[$j]; $b[$j] = $t;
}
}
}
}
"""
    + _MAIN
    + _READ_ARRAY
    + """sort($a, $n);
for ($i = 0; $i < $n; $i++) printf("%d\\n", $a[$i]);
"""
    + _END,
    "greatest common divisor": """int gcd(int $a, int $b) {
⟨if ($b == 0) return $a;
return gcd($b, $a % $b);¦while ($b ⟨!= 0¦> 0⟩) {
int $t = $a % $b;
$a = $b;
$b = $t;
}
return $a;¦return $b ? gcd($b, $a % $b) : $a;⟩
}
"""
    + _MAIN
    + """int $n, $m;
scanf("%d%d", &$n, &$m);
printf("⟨%d¦gcd = %d⟩\\n", gcd($n, $m));
"""
    + _END,
    "primes up to n": _MAIN
    + """int $n, $i, $j, $f;
scanf("%d", &$n);
for ($i = 2; $i <= $n; $i++) {
$f = 1;
for ($j = 2; ⟨$j * $j <= $i¦$j < $i⟩; $j++) {
if ($i % $j == 0) {
$f = 0;
break;
}
}
if (⟨$f¦$f == 1⟩) printf("%d⟨ ¦\\n⟩", $i);
}
"""
    + _END,
    "is it a prime": """int prime(int $m) {
int $d;
if ($m < 2) return 0;
for ($d = 2; $d * $d <= $m; $d++) if ($m % $d == 0) return 0;
return 1;
}
"""
    + _MAIN
    + """int $n;
⟨scanf("%d", &$n);
¦while (scanf("%d", &$n) == 1) ⟩puts(prime($n) ? "⟨yes¦Yes¦YES⟩" : "⟨no¦No¦NO⟩");
"""
    + _END,
    "factorial": """⟨long¦long long⟩ fact(int $m) {
⟨return $m <= 1 ? 1 : $m * fact($m - 1);¦if ($m < 2) return 1;
return $m * fact($m - 1);⟩
}
"""
    + _MAIN
    + """int $n;
scanf("%d", &$n);
printf("%ld\\n", (long)fact($n));
"""
    + _END,
    "fibonacci numbers": _MAIN
    + """int $n, $i, $a = ⟨0¦1⟩, $b = 1, $t;
scanf("%d", &$n);
for ($i = 0; $i < $n; $i++) {
printf("%d ", $a);
$t = $a + $b;
$a = $b;
$b = $t;
}
⟨printf("\\n");¦putchar(10);⟩
"""
    + _END,
    "numbers in reverse": _MAIN
    + _READ_ARRAY
    + """⟨for ($i = $n - 1; $i >= 0; $i--) printf("%d ", $a[$i]);¦while ($n > 0) {
$n--;
printf("%d ", $a[$n]);
}⟩
printf("\\n");
"""
    + _END,
    "palindrome": _MAIN
    + """char $w[⟨100¦256¦1000⟩];
int $i = 0, $j, $f = 1;
scanf("%⟨99s¦80s⟩", $w);
$j = strlen($w) - 1;
while ($i < $j) {
if ($w[$i] != $w[$j]) ⟨$f = 0;¦{
$f = 0;
break;
}⟩
$i++;
$j--;
}
printf("%s\\n", $f ? "⟨yes¦YES⟩" : "⟨no¦NO⟩");
"""
    + _END,
    "letters and digits of a line": _MAIN
    + """int $c, $a = 0, $b = 0, $n = 0;
while (($c = getchar()) != EOF⟨¦ && $c != '\\n'⟩) {
if ($c >= '0' && $c <= '9') $a++;
else if (($c >= 'a' && $c <= 'z') || ($c >= 'A' && $c <= 'Z')) $b++;
else $n++;
}
printf("%d %d %d\\n", $a, $b, $n);
"""
    + _END,
    "sum of digits": _MAIN
    + """int $n, $s = 0;
scanf("%d", &$n);
⟨while ($n > 0)¦for (; $n > 0; )⟩ {
⟨$s += $n % 10;¦int $d = $n % 10;
$s = $s + $d;⟩
$n ⟨/= 10¦= $n / 10⟩;
}
printf("%d\\n", $s);
"""
    + _END,
    "trace of a matrix": _MAIN
    + """int $a[⟨10¦20¦50⟩][50], $n, $i, $j, $s = 0;
scanf("%d", &$n);
for ($i = 0; $i < $n; $i++) {
for ($j = 0; $j < $n; $j++) {
scanf("%d", &$a[$i][$j]);
⟨if ($i == $j) $s += $a[$i][$j];
}
¦}
$s += $a[$i][$i];
⟩}
printf("%d\\n", $s);
"""
    + _END,
    "binary search": _MAIN
    + _READ_ARRAY
    + """int $j = 0, $m = $n - 1, $t, $f = -1;
scanf("%d", &$t);
while ($j <= $m) {
int mid = ($j + $m) / 2;
if ($a[mid] == $t) {
$f = mid;
break;
}
if ($a[mid] < $t) $j = mid + 1;
else $m = mid - 1;
}
printf("%d\\n", $f);
"""
    + _END,
    "second largest": _MAIN
    + _READ_ARRAY
    + """int $m = $a[0], $s = -⟨1000000000¦2000000000¦2147483647⟩;
for ($i = 1; $i < $n; $i++) {
if ($a[$i] > $m) {
$s = $m;
$m = $a[$i];
} else if ($a[$i] > $s) $s = $a[$i];
}
printf("%d⟨ ¦\\n⟩%d\\n", $m, $s);
"""
    + _END,
    "binary digits": _MAIN
    + """int $n, $i = 0, $b[32];
scanf("%d", &$n);
⟨if ($n == 0) $b[$i++] = 0;
¦⟩while ($n ⟨> 0¦!= 0⟩) {
$b[$i++] = $n ⟨% 2¦& 1⟩;
$n ⟨/= 2¦= $n / 2¦>>= 1⟩;
}
while ($i > 0) printf("%d", $b[--$i]);
printf("\\n");
"""
    + _END,
}
