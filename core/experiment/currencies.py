"""Units that are money. An amount of money has no decimals or two of them: $278.10, never $278.1."""

import re

SIGNS = r"(?:US|AU|CA|NZ|HK|MX|[RACS])\$|[$€£¥₹₩₽₺₫₴₦₱₪฿]"
CODES = "USD|EUR|GBP|CHF|JPY|CNY|INR|SEK|NOK|DKK|PLN|BRL|AUD|CAD|TRY|RUB|MXN|ZAR|SGD|HKD|NZD|KRW|THB|IDR|CZK|HUF|RON|"
CODES += "AED|SAR|QAR|KWD|EGP|MAD|TND|NGN|KES|GHS|UGX|TZS|ILS|VND|PHP|MYR|TWD|PKR|LKR|BDT|ARS|CLP|COP|PEN|UAH|KZT|"
CODES += "BGN|ISK|RSD"
SHORT = "KSh|Rs|Rp|RM|kr|zł|Kč|Ft|lei|TL|SFr|Fr"
CURRENCIES = f"{SIGNS}|{CODES}|{SHORT}"

LEAST_IN_CENTS = 0.0995  # Below, two decimals would say too little of an amount: prices of a kilowatt-hour.


def is_money(unit: str) -> bool:
    """Whether a unit is one of money alone: "$", "EUR"; that of a price by size, "€/m²", is not."""
    return re.fullmatch(CURRENCIES, unit) is not None
