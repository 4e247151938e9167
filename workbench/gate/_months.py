"""Names of months: what stands between two numbers of a date, and not of a telephone or a file."""

from __future__ import annotations

from workbench.gate._text import squeeze

_NAMES = """
    january february march april may june july august september october november december sept
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre juil
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre setiembre
    janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
    januar februar marz maerz juni juli oktober dezember
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
    يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
    كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين جانفي فيفري أفريل ماي جوان جويلية أوت
"""
_MONTHS = tuple(squeeze(name) for name in _NAMES.split())
_LEAST = 3


def is_month(word: str) -> bool:
    """Whether a word is a month in full or cut to three letters or more; in the languages above."""
    letters = squeeze(word)
    return len(letters) >= _LEAST and any(name.startswith(letters) for name in _MONTHS)
