package dsar

import "github.com/okence/okence/shared/domain/dsar"

// words are what letters say for rights, reasons and results: sl, en, sk.
var words = map[string][3]string{
	"information":   {"obveščenost o obdelavi", "information about processing", "informácie o spracúvaní"},
	"access":        {"dostop do podatkov", "access to data", "prístup k údajom"},
	"rectification": {"popravek", "rectification", "oprava"},
	"erasure":       {"izbris", "erasure", "vymazanie"},
	"restriction":   {"omejitev obdelave", "restriction of processing", "obmedzenie spracúvania"},
	"notify_others": {"obvestitev prejemnikov", "telling recipients", "oznámenie príjemcom"},
	"objection":     {"ugovor", "objection", "námietka"},
	"no_automation": {"brez avtomatiziranih odločitev", "no automated decisions", "žiadne automatizované rozhodnutia"},
	"portability":   {"prenosljivost", "portability", "prenosnosť"},
	"withdrawal":    {"preklic soglasja", "withdrawal of consent", "odvolanie súhlasu"},
	"audit_trail":   {"revizijska sled", "the processing log", "protokol spracúvania"},

	"competence":   {"za to pravico je po dogovoru pristojen drugi upravljavec", "by the arrangement the other controller is competent for this right", "podľa dohody je na toto právo príslušný druhý prevádzkovateľ"},
	"unclear":      {"ni jasno, kateri od skupnih upravljavcev je pristojen", "it is unclear which joint controller is competent", "nie je jasné, ktorý spoločný prevádzkovateľ je príslušný"},
	"theirs":       {"pristojen je drugi skupni upravljavec", "the other joint controller is competent", "príslušný je druhý spoločný prevádzkovateľ"},
	"not_joint":    {"podatki niso v skupnem upravljanju", "the data are not jointly controlled", "údaje nie sú spoločne spravované"},
	"processor":    {"podatke obdelujemo po naročilu upravljavca", "we process the data on the controller's instructions", "údaje spracúvame podľa pokynov prevádzkovateľa"},
	"as_processor": {"podatke obdelujemo po naročilu upravljavca", "we process the data on the controller's instructions", "údaje spracúvame podľa pokynov prevádzkovateľa"},

	"done":    {"Izvedeno je v celoti.", "It has been carried out in full.", "Vykonané v plnom rozsahu."},
	"partly":  {"Izvedeno je delno; kaj ostane, zakaj in do kdaj, je navedeno v odgovoru.", "It has been carried out in part; the answer lists what stays, why and until when.", "Vykonané čiastočne; čo zostáva, prečo a dokedy, uvádza odpoveď."},
	"nothing": {"Podatkov, na katere bi se nanašala, nimamo.", "We hold no data that it is about.", "Údaje, ktorých by sa týkala, nemáme."},

	"stays hold":        {"podatki, potrebni za uveljavljanje ali obrambo pravnih zahtevkov (člen 17(3)(e) Splošne uredbe); izbrišejo se, ko zahtevki prenehajo", "data needed for legal claims (GDPR art. 17(3)(e)); they are erased once the claims have ended", "údaje potrebné na právne nároky (čl. 17 ods. 3 písm. e) nariadenia); vymažú sa, keď nároky zaniknú"},
	"stays request":     {"podatki, na katere se nanaša druga odprta zahteva; izbrišejo se, ko je nanjo odgovorjeno", "data that another open request is about; they are erased once it is answered", "údaje, ktorých sa týka iná otvorená žiadosť; vymažú sa po jej vybavení"},
	"stays restriction": {"podatki, katerih obdelava je omejena (člen 18 Splošne uredbe); izbrišejo se, ko omejitev preneha", "data whose processing is restricted (GDPR art. 18); they are erased once the restriction is lifted", "údaje, ktorých spracúvanie je obmedzené (čl. 18 nariadenia); vymažú sa po zrušení obmedzenia"},
	"stays statute":     {"podatki, ki jih moramo hraniti po zakonu", "data that a law obliges us to keep", "údaje, ktoré musíme uchovávať podľa zákona"},
	"stays archive":     {"javno arhivsko gradivo", "public archival material", "verejný archívny materiál"},
	"until":             {"najdlje do", "at the longest until", "najdlhšie do"},

	"processing log":                    {"revizijska sled obdelave (člen 5(2) Splošne uredbe)", "the processing log (GDPR art. 5(2))", "protokol spracúvania (čl. 5 ods. 2 nariadenia)"},
	"the request's own file":            {"spis te zahteve (člena 5(2) in 12 Splošne uredbe)", "the file of this request (GDPR arts. 5(2), 12)", "spis tejto žiadosti (čl. 5 ods. 2 a čl. 12 nariadenia)"},
	"breach register":                   {"evidenca kršitev (člen 33(5) Splošne uredbe)", "the breach register (GDPR art. 33(5))", "register porušení (čl. 33 ods. 5 nariadenia)"},
	"proof of consent":                  {"dokazila o privolitvah (člen 7(1) Splošne uredbe)", "proof of consents (GDPR art. 7(1))", "dôkazy o súhlasoch (čl. 7 ods. 1 nariadenia)"},
	"data under a named statutory term": {"podatki z zakonsko določenim rokom hrambe, do njegovega izteka (člen 17(3) Splošne uredbe)", "data under a term set by law, until it ends (GDPR art. 17(3))", "údaje so zákonnou lehotou uchovávania, do jej uplynutia (čl. 17 ods. 3 nariadenia)"},
	"from entry":                        {"od vpisa", "from the entry", "od zápisu"},
	"from case_closed":                  {"od zaključka zadeve", "from the end of the case", "od uzavretia veci"},
	"from consent_ended":                {"od konca privolitve", "from the end of the consent", "od skončenia súhlasu"},

	"information done":   {"Kaj, zakaj in koliko časa obdelujemo, pove obvestilo o obdelavi; veljavna različica je objavljena.", "Our privacy notice says what we process, why and how long; the version in force is published.", "Čo, prečo a ako dlho spracúvame, uvádza informácia o spracúvaní; platné znenie je zverejnené."},
	"no_automation done": {"Nobena odločitev o vas ne temelji zgolj na avtomatizirani obdelavi.", "No decision about you rests on automated processing alone.", "Žiadne rozhodnutie o vás sa nezakladá výlučne na automatizovanom spracúvaní."},
}

func (m *matter) word(key string) string {
	w, ok := words[key]
	if !ok {
		return key
	}
	switch m.language() {
	case "sl":
		return w[0]
	case "sk":
		return w[2]
	}
	return w[1]
}

// right names an item: "access to data", "erasure (the processing log)".
func (m *matter) right(k dsar.Key) string {
	if k.Scope == dsar.AuditTrail {
		return m.word(string(k.Right)) + " (" + m.word(string(k.Scope)) + ")"
	}
	return m.word(string(k.Right))
}

// why says the reason of a hand-over in words.
func (m *matter) why(reason string) string { return m.word(reason) }

// result says in words what became of a granted item.
func (m *matter) result(i *dsar.Item) string {
	if key := string(i.Right) + " " + string(i.Result); words[key][0] != "" {
		return m.word(key)
	}
	return m.word(string(i.Result))
}
