import torch

from zoo.functions.draw import Draw
from zoo.functions.soft_attention import soft_attention


def test_answer_is_that_of_scaled_dot_product_attention():
    draw = Draw()
    query, memory, content = draw(2, 3), draw(2, 5, 3), draw(2, 5, 4)
    expected = torch.nn.functional.scaled_dot_product_attention(query[:, None], memory, content, scale=1.0)
    assert torch.allclose(soft_attention(query, memory, content)[0], expected.squeeze(1))


def test_a_zero_query_answers_with_the_mean():
    content = Draw().constant(2, 5, 4)
    answer, weight = soft_attention(torch.zeros(2, 3).double(), Draw(seed=1).constant(2, 5, 3), content)
    assert torch.allclose(answer, content.mean(1))
    assert torch.allclose(weight, torch.full_like(weight, 0.2))


def test_blank_memories_change_nothing_and_get_no_gradient():
    draw = Draw()
    query, memory, content = draw(2, 3), draw(2, 5, 3), draw(2, 5, 4)
    blank = torch.tensor([False, False, False, True, True]).expand(2, 5)
    answer, weight = soft_attention(query, memory, content, blank)
    short, _ = soft_attention(query, memory[:, :3], content[:, :3])
    gradients = torch.autograd.grad(answer.sum(), [memory, content])
    assert torch.allclose(answer, short)
    assert weight[:, 3:].eq(0).all()
    assert all(gradient[:, 3:].eq(0).all() and gradient[:, :3].any() for gradient in gradients)
