"""How a figure writes numbers, in its labels and in its sentence."""

from __future__ import annotations

import math

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, digits: int = 3, *, plus: bool = False) -> str:
    """Write a number to so many digits (6 at most), with a real minus sign and no minus zero.

    Examples
    --------
    >>> number(-0.12345), number(1234), number(2, plus=True)
    ('−0.123', '1230', '+2')
    """
    rounded, sign = float(f"{value:.{digits}g}"), "+" if plus else "-"
    return minus(f"{rounded:{sign}zg}")


def fixed(value: float, decimals: int, *, plus: bool = False) -> str:
    """Write a number to so many decimals, with a real minus sign and no minus zero.

    Examples
    --------
    >>> fixed(-1.5, 2), fixed(-0.001, 2), fixed(2, 1, plus=True)
    ('−1.50', '0.00', '+2.0')
    """
    sign = "+" if plus else "-"
    return minus(f"{value:{sign}z.{decimals}f}")


def signed(value: float, decimals: int) -> str:
    """Write a change to so many decimals, with its sign; what rounds to 0 has none.

    Examples
    --------
    >>> signed(1.5, 1), signed(-1.5, 1), signed(0.01, 1)
    ('+1.5', '−1.5', '0.0')
    """
    return fixed(value, decimals, plus=abs(value) >= 0.5 / 10**decimals)


def percent(share: float) -> str:
    """Write a share as whole per cents, with no minus zero.

    Examples
    --------
    >>> percent(0.256), percent(-1e-17)
    ('26 %', '0 %')
    """
    return f"{share:z.0%}".replace("%", " %")


def power(exponent: int) -> str:
    """Write a power of ten.

    Examples
    --------
    >>> power(-7), power(0), power(-1)
    ('10⁻⁷', '1', '0.1')
    """
    return {0: "1", 1: "10", -1: "0.1"}.get(exponent, "10" + str(exponent).translate(SUPERSCRIPTS))


def short(value: float) -> str:
    """Write a size above 0 to two digits, so that it can be read aloud.

    Examples
    --------
    >>> short(0.4567), short(5.3e-7)
    ('0.46', '5.3 · 10⁻⁷')
    """
    if 0.001 <= value < 1000:
        return f"{value:.2g}"
    exponent = math.floor(math.log10(value))
    mantissa = f"{value / 10.0**exponent:.1f}"
    if mantissa == "10.0":
        mantissa, exponent = "1.0", exponent + 1
    return f"{mantissa} · {power(exponent)}"


def minus(text: str) -> str:
    """Give every number in a text a real minus sign.

    Examples
    --------
    >>> minus("from w = -1")
    'from w = −1'
    """
    return text.replace("-", "−")


def capital(text: str) -> str:
    """Begin a text with a capital letter, and leave the rest as it is.

    Examples
    --------
    >>> capital("size of dC/dW")
    'Size of dC/dW'
    """
    return text[:1].upper() + text[1:]
