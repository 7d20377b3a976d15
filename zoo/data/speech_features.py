"""Speech as short-time spectra.

Sizes in shapes: L samples, T frames, M mel bands, K coefficients, S frequencies.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from zoo.errors import check_range

_FRAME, _HOP = 0.025, 0.010  # seconds: speech stands still for about so long
_BINS = 512
_FLOOR = 1e-8  # energy of what is taken for silence


def log_mel(wave: Float[Tensor, " L"], *, sample_rate: int, bands: int = 40) -> Float[Tensor, "T M"]:
    """Logarithm of the energy in mel bands, a frame of 25 ms every 10 ms.

    Args:
        wave: Amplitudes in [-1, 1); what is shorter than a frame is filled up with silence.
        sample_rate: Samples a second.
        bands: Number M of bands, from 0 to half the sample rate.

    Returns:
        Nats, at least ``log(1e-8)``.

    References:
        Davis and Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in continuously
        spoken sentences", IEEE Transactions on Acoustics, Speech and Signal Processing, 1980.
    """
    check_range("bands", bands, least=1)
    frame, hop = round(_FRAME * sample_rate), round(_HOP * sample_rate)
    wave = F.pad(wave, (0, max(0, frame - len(wave))))
    size = max(_BINS, 1 << (frame - 1).bit_length())
    window = torch.hamming_window(frame, periodic=False, dtype=wave.dtype, device=wave.device)
    spectrum = torch.fft.rfft(wave.unfold(0, frame, hop) * window, n=size).abs().square()
    return (spectrum @ mel_filters(bands, bins=size, sample_rate=sample_rate).to(spectrum)).clamp(min=_FLOOR).log()


def mel_filters(bands: int, *, bins: int, sample_rate: int) -> Float[Tensor, "S M"]:
    """Triangles of height 1 over the ``bins / 2 + 1`` frequencies of a spectrum, evenly spaced and overlapping by half in mel.

    References:
        The mel scale as in HTK: 2595 log10(1 + f / 700).
    """
    top = 2595 * math.log10(1 + sample_rate / 2 / 700)
    corner = 700 * (10 ** (torch.linspace(0, top, bands + 2, dtype=torch.double) / 2595) - 1)
    frequency = torch.linspace(0, sample_rate / 2, bins // 2 + 1, dtype=torch.double)[:, None]
    rising = (frequency - corner[:-2]) / (corner[1:-1] - corner[:-2])
    falling = (corner[2:] - frequency) / (corner[2:] - corner[1:-1])
    return torch.minimum(rising, falling).clamp(min=0).float()


def mfcc(log_energy: Float[Tensor, "T M"], *, coefficients: int = 13) -> Float[Tensor, "T K"]:
    """Mel-frequency cepstral coefficients: the first of the orthonormal cosine transform (DCT-II) of the log energies.

    Raises:
        ZooError: More coefficients than bands.
    """
    bands = log_energy.shape[1]
    check_range("coefficients", coefficients, least=1, below=bands + 1)
    order = torch.arange(coefficients, dtype=torch.double)
    basis = torch.cos(math.pi / bands * (torch.arange(bands, dtype=torch.double)[:, None] + 0.5) * order) * math.sqrt(2 / bands)
    basis[:, 0] /= math.sqrt(2)
    return log_energy @ basis.to(log_energy)
