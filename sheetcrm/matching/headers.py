"""What headers call a column, in small plain letters, in several languages; and first names, to tell people by."""

from __future__ import annotations

_BY_ROLE = {
    "given name": (
        "first|first name|firstname|fname|fname c|forename|given|given name|givenname|vorname|prenom|nombre|"
        "nome proprio|voornaam|keresztnev|utonev|christian name|imie|fornamn|fornavn|etunimi|first nm|"
        "first name c"
    ),
    "surname": (
        "last|last name|lastname|lname|lname c|surname|family|family name|familyname|nachname|familienname|"
        "nom de famille|apellido|apellidos|cognome|achternaam|vezeteknev|zuname|sname|nazwisko|efternamn|"
        "etternavn|sukunimi|last nm|second name"
    ),
    "middle name": (
        "middle|middle name|mname|second first name|middle initial|zweiter vorname|deuxieme prenom|tussenvoegsel"
    ),
    "name": (
        "name|full name|fullname|contact|contact name|contact person|person|ansprechpartner|ansprechpartnerin|"
        "kontakt|kontaktperson|nom|nom complet|nev|naam|nome|customer name|client name|kundenname|lead name|"
        "nom prenom|nombre completo|teljes nev|volledige naam|interlocuteur|kapcsolattarto|contactpersoon|"
        "display name|player|first and surname|first and last name|first last name|name and surname|"
        "vor und nachname|vorname nachname|nom et prenom|authors|author name|employee|patient|patient name|"
        "student|member name"
    ),
    "company": (
        "company|company name|firm|firma|unternehmen|organisation|organization|organisation name|org|account|"
        "account name|business|business name|employer|societe|entreprise|raison sociale|empresa|azienda|"
        "ragione sociale|bedrijf|ceg|cegnev|firmenname|restaurant|restaurant name|shop|store|hotel|supplier|"
        "supplier name|vendor|vendor name|kunde|customer|client|venue name|product|product name|title|titel|titre|"
        "bedrijfsnaam|foretag|company nm|institution|school|site name|artist|song|album|brand"
    ),
    "e-mail": (
        "email|e mail|mail|email address|e mail address|mail address|emailadresse|e mail adresse|courriel|"
        "adresse email|correo|correo electronico|emailcim|posta elettronica|mailadresse|email id|work email|"
        "business email|private email|epost|e mailadres"
    ),
    "phone": (
        "phone|telephone|tel|tel no|phone number|phone no|mobile|mobile phone|cell|cell phone|cellphone|handy|"
        "telefon|telefonnummer|mobil|mobiltelefon|fon|rufnummer|telefono|movil|cellulare|gsm|telefoon|portable|"
        "numero de telephone|mobilnummer|work phone|home phone|direct line|durchwahl|telefonszam|fax|fax number|"
        "contact number|mobiel"
    ),
    "website": ("website|web|url|homepage|webseite|site web|domain|internet|web site|sito web|web page|company url"),
    "street": (
        "street|address|addr|street address|address line|address c|address 1|adresse|strasse|str|rue|calle|via|"
        "direccion|indirizzo|adres|cim|utca|street name|anschrift|postal address|road|address line 1|straat|"
        "adresse ligne|strasse und hausnummer|domicilio|mailing address|billing street|mailing street|"
        "billing address|location"
    ),
    "house number": (
        "house|house number|street number|street no|house no|hausnummer|hausnr|numero|number of house|hnr|"
        "huisnummer|hazszam|civico|street num|house num"
    ),
    "address line 2": (
        "address line 2|address 2|addr 2|apartment|unit|suite|building|adresszusatz|zusatz|flat|complement"
    ),
    "postcode": (
        "postcode|post code|postal code|zip|zip code|zipcode|plz|postleitzahl|code postal|cp|codigo postal|cap|"
        "iranyitoszam|postal|postcode fake|eircode|pincode|pin code|postnummer|kod pocztowy|irsz"
    ),
    "city": (
        "city|town|suburb|locality|ort|stadt|wohnort|ville|ciudad|localidad|citta|stad|plaats|woonplaats|varos|"
        "municipality|commune|telepules|birth place|place of birth|birthplace|geburtsort|place|miasto|poblacion|"
        "city name|lieu de naissance|comune|billing city|mailing city"
    ),
    "region": (
        "region|state|province|county|bundesland|kanton|canton|departement|provincia|megye|district|state code|"
        "billing state|territory|department"
    ),
    "country": ("country|land|pays|pais|paese|orszag|nation|country code|staat|nationality|billing country"),
    "birth date": (
        "birth|birth date|birthdate|date of birth|dob|birthday|born|geburtsdatum|geburtstag|geb|geb datum|"
        "date de naissance|fecha de nacimiento|data di nascita|geboortedatum|szuletesi datum|birth dt"
    ),
    "part of the birth date": (
        "year of birth|birth year|birth month|birth day|month of birth|day of birth|by|bm|bd|geburtsjahr|"
        "geburtsmonat|geburtstag und monat|dob year|dob month|dob day|yob|annee de naissance"
    ),
    "code": (
        "id|code|number|no|nr|customer id|customer number|kundennummer|ssn|social security|soc sec id|tax id|vat|"
        "vat id|vat number|ust id|uid|registration number|siren|siret|iban|account number|passport|nin|"
        "national id|duns|lead id|contact id|nhs number|employee id|member id|isbn|ean|sku|ust idnr|"
        "company number|steuernummer|tax number"
    ),
    "category": (
        "gender|sex|geschlecht|status|type|typ|category|kategorie|source|lead source|quelle|cuisine|stage|phase|"
        "owner|title of address|salutation|anrede|civilite|job title|position|role|funktion|occupation|beruf|"
        "profession|job|venue|industry|branche|segment|currency|language|sprache|rating|priority|tags|genre|"
        "department name"
    ),
    "number": (
        "amount|betrag|value|revenue|umsatz|price|preis|age|alter|year|jahr|annee|employees|mitarbeiter|score|"
        "probability|month|day|annual revenue"
    ),
    "text": (
        "note|notes|comment|comments|description|remarks|bemerkung|bemerkungen|notiz|notizen|beschreibung|"
        "commentaire|commentaires|details|message|nachricht|notas|megjegyzes|opmerkingen|history|last comment"
    ),
    "ignored": (
        "created|created at|created on|created date|updated|updated at|modified|last modified|timestamp|erstellt|"
        "angelegt|geandert|date added|date|datum|signup date|last contact|last contacted|next step|next step due|"
        "duplicate of|row|row id|row number|rowid|unique id|record id|rec id|last reminder|last activity|due|"
        "due date"
    ),
}
HEADERS = {header: role for role, names in _BY_ROLE.items() for header in names.split("|")}
"""Header to the value of its `Role`."""

GIVEN_NAMES = frozenset(
    """aaron abigail adam adrian aidan alan albert alejandro alessandro alex alexander alexandra alexis alice alicia
    alison amanda amber amelia amy ana anders andrea andreas andrew andrzej angela anita ann anna anne annette
    anthony antoine antonio anton arthur ashley astrid attila audrey barbara beatrice becky ben benjamin bence
    bernard bernd bethany beverly bill birgit bob brandon brenda brian brigitte bruno bryan camille carl carla
    carlos carmen carol caroline catherine cecile charles charlotte cheryl chiara chloe chris christian christiane
    christina christine christoph christopher claire clara claude claudia colin connor craig csaba cynthia dan
    daniel daniela daniele danielle dariusz david deborah denise dennis diana diane dick dieter dirk dominic don
    donald donna doris dorothy douglas dylan edith edward eileen elena eleanor elias elisabeth elise elizabeth ella
    ellen emil emily emma eric erik erika ernst ethan eva evelyn fabian felix ferenc fernando fiona florian
    francesca francesco francis franck francois frank franz frederic frederick friedrich gabor gabriel gary gavin
    georg george gerald gerard gerd gerhard giovanni giulia giuseppe gloria gordon grace graham greg gregor gregory
    greta guido gunter gustav hannah hans harald harold harry heather heidi heike heinrich heinz helen helena helga
    henri henrik henry herbert hermann holger hugo ian ida ines ingrid irene iris isabel isabella isabelle istvan
    ivan jack jackson jacob jacqueline jacques jake james jamie jan jana jane janet janice jannik jason javier jean
    jeff jeffrey jenna jennifer jens jeremy jerry jessica jill jim joan joanna joanne joe joel johan johann johanna
    johannes john jonas jonathan jordan jorge joris jose josef joseph joshua juan judith judy julia julian julie
    jurgen justin karen karin karl karsten katalin katarzyna kate katharina katherine kathleen kathryn katie katja
    katrin kay keith kelly ken kenneth kerstin kevin kim kimberly klaus kristin kurt kyle lara larry lars laszlo
    laura lauren laurent lea leah lena leo leon leonard leonie lewis liam lily linda lisa lorenzo louis louise luca
    lucas lucia lucy luis luise luka lukas luke lynn madison magda maja manfred manon manuel manuela marc marcel
    marco marcus margaret margit maria marianne marie marina mario marion marius mark markus marta martha martin
    martina mary matteo matthew matthias matthieu maurice max maximilian megan melanie melissa mia michael michal
    michel michele michelle miguel mike miriam mohamed mohammed monika monique muhammad nadine nancy naomi natalia
    natalie nathan nicholas nicola nicolas nicole niels nigel nils nina noah nora norbert oliver olivia oscar otto
    owen pablo pamela paola paolo pascal patricia patrick paul paula paulina pavel pedro peggy peter petra philip
    philipp philippe pierre piotr rachel rafael rainer ralf ralph raul raymond rebecca regina rene renate ricardo
    riccardo richard rita robert roberto robin roger roland rolf roman ronald rosa rose roy rudolf russell ruth ryan
    sabine sally sam samantha samuel sandra sandor sara sarah scott sean sebastian sergio sharon sheila shirley
    silke silvia simon sofia sofie sonja sophia sophie stefan stefanie stephan stephanie stephen steve steven stuart
    sue susan susanne suzanne sven svenja sylvia sylvie szabolcs tamara tamas tanja teresa terry theo theresa
    thierry thomas tim timothy tina tobias todd tom tomasz tony tracy ulrich ulrike ursula ute valentina valerie
    vanessa vera verena veronica veronika victor victoria viktor vincent virginia volker walter wayne wendy werner
    wilhelm willem william wolfgang yannick yves yvonne zoe zoltan zsolt zsofia eszter balazs gergely dora reka
    agnes ildiko judit marton adele ahmed ali fatima hassan ibrahim omar yusuf mehmet mustafa wei li hiroshi yuki
    arjun priya raj anil sanjay sunita joao maciej pawel krzysztof agnieszka malgorzata ewa zofia jakub kacper
    mateusz lotte sanne femke daan sem bram thijs wouter pieter kees joost marieke anouk maarten ruud mads soren
    lone mette kirsten ingeborg bjorn gunnar lennart mikael aino eino pekka timo liisa""".split()
)
