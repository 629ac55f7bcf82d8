"""Words that name the same thing: countries and their people, acronyms and what they stand for."""

from __future__ import annotations

_COUNTRIES = """
usa: america american americans united-states
uk: britain british briton britons united-kingdom great-britain
eu: european-union
uae: emirati emiratis united-arab-emirates
afghanistan: afghan afghans
albania: albanian albanians
algeria: algerian algerians
argentina: argentine argentines argentinian
armenia: armenian armenians
australia: australian australians aussie
austria: austrian austrians
azerbaijan: azerbaijani azeri
bangladesh: bangladeshi bangladeshis
belarus: belarusian belarusians
belgium: belgian belgians
bolivia: bolivian
bosnia: bosnian bosnians
brazil: brazilian brazilians
bulgaria: bulgarian bulgarians
cambodia: cambodian
cameroon: cameroonian
canada: canadian canadians
chile: chilean chileans
china: chinese
colombia: colombian colombians
congo: congolese
croatia: croatian croatians
cuba: cuban cubans
cyprus: cypriot cypriots
czechia: czech czechs czech-republic
denmark: danish dane danes
ecuador: ecuadorian
egypt: egyptian egyptians
england: english
estonia: estonian estonians
ethiopia: ethiopian ethiopians
europe: european europeans
finland: finnish finn finns
france: french frenchman frenchwoman
georgia: georgian georgians
germany: german germans
ghana: ghanaian
greece: greek greeks
haiti: haitian haitians
hungary: hungarian hungarians
iceland: icelandic
india: indian indians
indonesia: indonesian indonesians
iran: iranian iranians
iraq: iraqi iraqis
ireland: irish
israel: israeli israelis
italy: italian italians
jamaica: jamaican
japan: japanese
jordan: jordanian jordanians
kazakhstan: kazakh
kenya: kenyan kenyans
kosovo: kosovan kosovar
kuwait: kuwaiti
latvia: latvian
lebanon: lebanese
libya: libyan libyans
lithuania: lithuanian
malaysia: malaysian malaysians
mali: malian
mexico: mexican mexicans
moldova: moldovan
mongolia: mongolian
morocco: moroccan moroccans
myanmar: burma burmese
nepal: nepalese nepali
netherlands: dutch holland
niger: nigerien
nigeria: nigerian nigerians
norway: norwegian norwegians
pakistan: pakistani pakistanis
palestine: palestinian palestinians
peru: peruvian
philippines: philippine filipino filipinos
poland: polish poles
portugal: portuguese
qatar: qatari
romania: romanian romanians
russia: russian russians
rwanda: rwandan
scotland: scottish scot scots
senegal: senegalese
serbia: serbian serb serbs
singapore: singaporean
slovakia: slovak slovakian
slovenia: slovenian
somalia: somali somalis
spain: spanish spaniard spaniards
sudan: sudanese
sweden: swedish swede swedes
switzerland: swiss
syria: syrian syrians
taiwan: taiwanese
thailand: thai
tunisia: tunisian tunisians
turkey: turkish turk turks turkiye
uganda: ugandan
ukraine: ukrainian ukrainians
venezuela: venezuelan venezuelans
vietnam: vietnamese
wales: welsh
yemen: yemeni yemenis
zimbabwe: zimbabwean
kyiv: kiev
zelensky: zelenskyy zelenskiy
"""

UNDERSTOOD = frozenset({"US", "USA", "UK", "American", "British", "United States"})
"""Names that a country's own press leaves out of its stories."""
ALIAS: dict[str, str] = {}
"""Folded word to the name it stands for."""

PHRASES: dict[tuple[str, ...], str] = {}
"""Names of several words that have a one-word alias: ("united", "states") is "usa"."""

for _line in _COUNTRIES.strip().splitlines():
    _key, _forms = _line.split(": ")
    ALIAS[_key] = _key
    for _form in _forms.split():
        if "-" in _form:
            PHRASES[tuple(_form.split("-"))] = _key
        else:
            ALIAS[_form] = _key

COUNTRIES = frozenset(ALIAS.values())
"""The one form of each country's name."""

_ACRONYMS = """
nato: north-atlantic-treaty-organization
un: united-nations
who: world-health-organization
imf: international-monetary-fund
fbi: federal-bureau-of-investigation
cia: central-intelligence-agency
fda: food-and-drug-administration
cdc: centers-for-disease-control
nhs: national-health-service
ecb: european-central-bank
iaea: international-atomic-energy-agency
icc: international-criminal-court
opec: organization-of-the-petroleum-exporting-countries
bbc: british-broadcasting-corporation
fed: federal-reserve
gop: republican-party
"""
for _line in _ACRONYMS.strip().splitlines():
    _key, _form = _line.split(": ")
    PHRASES[tuple(w for w in _form.split("-") if w not in {"of", "and", "the", "for"})] = _key
