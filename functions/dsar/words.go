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
