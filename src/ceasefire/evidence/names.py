"""Names for the numbers in the war data: of states (Correlates of War), and of long wars."""

# fmt: off
STATES = {
    2: "United States", 20: "Canada", 40: "Cuba", 70: "Mexico", 90: "Guatemala", 91: "Honduras",
    92: "El Salvador", 93: "Nicaragua", 100: "Colombia", 140: "Brazil", 145: "Bolivia",
    150: "Paraguay", 160: "Argentina", 200: "United Kingdom", 210: "Netherlands", 211: "Belgium",
    212: "Luxembourg", 220: "France", 230: "Spain", 235: "Portugal", 240: "Hanover",
    245: "Bavaria", 255: "Germany", 267: "Baden", 269: "Saxony", 271: "Wuerttemberg",
    273: "Hesse-Kassel", 275: "Hesse-Darmstadt", 280: "Mecklenburg-Schwerin", 290: "Poland",
    300: "Austria", 310: "Hungary", 315: "Czechoslovakia", 325: "Italy", 327: "Papal States",
    329: "Two Sicilies", 332: "Modena", 337: "Tuscany", 344: "Croatia", 345: "Serbia",
    346: "Bosnia", 350: "Greece", 352: "Cyprus", 355: "Bulgaria", 360: "Romania", 365: "Russia",
    366: "Estonia", 368: "Lithuania", 371: "Armenia", 373: "Azerbaijan", 375: "Finland",
    390: "Denmark", 483: "Chad", 500: "Uganda", 510: "Tanzania", 517: "Rwanda", 520: "Somalia",
    530: "Ethiopia", 531: "Eritrea", 541: "Mozambique", 560: "South Africa", 600: "Morocco",
    620: "Libya", 630: "Iran", 640: "Turkey", 645: "Iraq", 651: "Egypt", 652: "Syria",
    660: "Lebanon", 663: "Jordan", 666: "Israel", 670: "Saudi Arabia", 678: "North Yemen",
    680: "South Yemen", 690: "Kuwait", 696: "United Arab Emirates", 700: "Afghanistan",
    704: "Uzbekistan", 710: "China", 712: "Mongolia", 713: "Taiwan", 731: "North Korea",
    732: "South Korea", 740: "Japan", 750: "India", 770: "Pakistan", 775: "Myanmar",
    800: "Thailand", 811: "Cambodia", 816: "Vietnam", 840: "Philippines", 900: "Australia",
    920: "New Zealand",
}
WARS = {
    51: "Korean War", 57: "Crimean War", 135: "French intervention in Mexico",
    157: "Second Sino-Japanese War", 197: "Allied intervention in Russia",
    257: "First World War", 1027: "Chaco War", 1270: "Greco-Turkish War",
    1374: "Taiwan and Myanmar", 1552: "Mexican-American War",
    1590: "War of the Triple Alliance", 2115: "Iran-Iraq War", 4007: "Kargil War",
}
# fmt: on
