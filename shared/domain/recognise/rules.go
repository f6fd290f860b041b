package recognise

import "github.com/okence/okence/shared/domain/dsar"

// rule says that a sentence which meets all groups asks for a right.
type rule struct {
	language   string
	right      dsar.Right
	confidence int // percent, of a sentence that cites no law
	all        [][]string
	unless     []string
	marketing  bool
}

func (r *rule) matches(s sentence) bool {
	for _, group := range r.all {
		if !s.any(group) {
			return false
		}
	}
	return !s.any(r.unless)
}

// law is how people cite it; it raises the confidence of a rule that matches.
var law = []string{"gdpr", "zvop", "splosn uredb", "uredb o varstv", "varstv osebn", "nariaden gdpr", "ochran osobn", "data protection", "clen. 15", "clen. 17", "article 15", "article 17", "art. 15", "clanok"}

// What the rights are about, by language.
var (
	dataSL = []string{"osebn podat", "moj podat", "mojih osebn", "svoj podat", "svojih osebn", "svojih podat", "podatk o meni", "podatk o. men", "podatke o", "mene hran", "podatki ki jih", "podatke ki jih", "vse o. meni", "o. meni", "kar imate"}
	dataSK = []string{"osobn udaj", "moj udaj", "moje udaj", "mojich udaj", "svojich osobn", "svoje udaj", "udaj o mne", "udaje o mne", "o. mne", "moje osobne"}
	dataEN = []string{"my data", "my personal", "my information", "my details", "personal data", "personal information", "data about me", "information about me", "hold about me", "hold on me", "have about me", "have on me", "stored about me", "my account data", "data you have", "data you hold"}

	// others say that it is not about data protection, or not a wish.
	notSL  = []string{"sprememb naslova", "pozabil gesl", "vlog", "obrazec za", "davcn napoved"}
	mailSL = []string{"oglas", "reklam", "trzenj", "trzne", "novic", "e novice", "enovice", "promocij", "obvestil o ponudb", "ponudb"}
	mailSK = []string{"reklam", "marketing", "newsletter", "novinky", "obchodn ponuk", "ponuky", "letak"}
	mailEN = []string{"marketing", "newsletter", "advert", "promotional", "promotions", "offers", "mailing list", "spam"}
)

var rules = []rule{
	// Slovenian
	{"sl", dsar.Access, 90, [][]string{{"izpis", "vpogled", "kopij", "dostop do", "posredujt", "posljit", "poslite", "seznan", "posredovanj", "vpogleda"}, dataSL}, append([]string{"izbris", "sem posl", "posiljam", "potrdil"}, notSL...), false},
	{"sl", dsar.Access, 80, [][]string{{"kater", "kaj", "kaksn", "ali"}, {"hranit", "imate", "obdeluj", "zbirat", "shranjen", "vodite", "veste"}, {"o. meni", "osebn podat", "moj podat", "podatke o", "moje podat"}}, nil, false},
	{"sl", dsar.Access, 80, [][]string{{"kdo", "komu"}, {"vpogled", "gledal", "dostop", "posredoval", "pregledoval", "pregledal", "razkril"}, {"moj podat", "moje podat", "osebn podat", "v. moje", "mojih podat"}}, nil, false},
	{"sl", dsar.Erasure, 90, [][]string{{"izbris", "zbris", "pobris", "odstranit", "unicit", "pozab"}, append([]string{"vse moje", "vse o meni", "moj racun", "mojo stevilk", "moj profil"}, dataSL...)}, append([]string{"pozabil gesl", "pozabila gesl", "ali ste"}, notSL...), false},
	{"sl", dsar.Rectification, 85, [][]string{{"popravit", "popravek", "popravk", "spremenit", "posodobit"}, {"osebn podat", "moj podat", "moje podat", "moje ime", "moj priimek", "moj naslov", "podatke o", "napacn podat", "napacen naslov", "napacno ime"}}, []string{"racunalnik", "vlog"}, false},
	{"sl", dsar.Restriction, 88, [][]string{{"omejit", "omejitev", "ustavit", "prenehajt", "blokira"}, {"obdelav", "uporab", "obdelov"}, {"podat", "moj", "osebn"}}, append([]string{"blokiran telefon"}, mailSL...), false},
	{"sl", dsar.Objection, 88, [][]string{{"ugovarja", "ugovor", "nasprotuj"}, {"obdelav", "podat", "profil", "uporab"}}, mailSL, false},
	{"sl", dsar.Objection, 85, [][]string{{"ne zelim", "nocem", "nehajt", "prenehajt", "odjav", "ugovarja", "ne posiljajt", "umaknit", "ustavit"}, mailSL}, nil, true},
	{"sl", dsar.Portability, 90, [][]string{{"prenos", "prenosljiv", "strojno berljiv", "izvoz", "strukturiran"}, {"podat"}}, []string{"prenos podatkov ne", "mobilni prenos", "podatkovni prenos", "hitrost"}, false},
	{"sl", dsar.Withdrawal, 92, [][]string{{"preklic", "preklicuj", "umik", "umakn"}, {"soglas", "privol", "pristank"}}, nil, false},
	{"sl", dsar.NoAutomation, 85, [][]string{{"avtomatizir", "samodejn", "algoritem", "racunalnik odloc"}, {"odloc", "profil"}}, nil, false},

	// Slovak
	{"sk", dsar.Access, 90, [][]string{{"vypis", "kopi", "pristup", "poskytn", "posli", "zasli", "sprist", "nahliad", "nahliadnut", "nazret"}, dataSK}, []string{"vymaz", "posielam", "potvrden"}, false},
	{"sk", dsar.Access, 80, [][]string{{"ake", "ktore", "co", "aky", "ci"}, {"uchovav", "mate", "spracuv", "evidujet", "viete", "zbierat"}, {"o. mne", "moje osobne", "moje udaj", "osobn udaj"}}, nil, false},
	{"sk", dsar.Access, 80, [][]string{{"kto", "komu"}, {"pozera", "pristup", "poskyt", "videl", "nahliad", "nazeral"}, {"mojich udaj", "moje udaj", "moje osobne", "osobn udaj"}}, nil, false},
	{"sk", dsar.Erasure, 90, [][]string{{"vymaz", "zmazt", "zmaz", "odstrant", "odstran", "zabudn", "likvid"}, append([]string{"vsetko o mne", "moj ucet", "moje cislo", "moj profil"}, dataSK...)}, []string{"zabudol som heslo", "zabudla som heslo"}, false},
	{"sk", dsar.Rectification, 85, [][]string{{"oprav", "zmeni", "aktualiz"}, {"osobn udaj", "moje udaj", "moje meno", "moje priezvisk", "moju adres", "nespravn udaj", "nespravnu adres"}}, []string{"pocitac", "opravnen"}, false},
	{"sk", dsar.Restriction, 88, [][]string{{"obmedz", "zastav", "zablok", "prestant"}, {"spracuv", "pouziv"}, {"udaj", "moj"}}, mailSK, false},
	{"sk", dsar.Objection, 88, [][]string{{"namiet", "namietk", "nesuhlasim"}, {"spracuv", "udaj", "profil"}}, mailSK, false},
	{"sk", dsar.Objection, 85, [][]string{{"nechcem", "nezelam", "prestant", "odhlas", "neposielajt", "namiet", "zrust"}, mailSK}, nil, true},
	{"sk", dsar.Portability, 90, [][]string{{"prenos", "prenosnost", "strojovo citat", "export", "strukturovan"}, {"udaj"}}, []string{"rychlost"}, false},
	{"sk", dsar.Withdrawal, 92, [][]string{{"odvolav", "odvolan", "odvolat", "stiahnut", "rusim", "beriem spat"}, {"suhlas"}}, nil, false},
	{"sk", dsar.NoAutomation, 85, [][]string{{"automatizovan", "algoritm", "automaticky"}, {"rozhod", "profil"}}, nil, false},

	// English
	{"en", dsar.Access, 90, [][]string{{"copy", "access", "send me", "give me", "provide", "export", "disclose", "subject access", "see all"}, dataEN}, []string{"delete", "erase", "i sent", "already sent", "change of address", "cannot access", "can t access", "breach"}, false},
	{"en", dsar.Access, 80, [][]string{{"what", "which"}, {"hold", "have", "store", "stored", "keep", "process", "know"}, {"about me", "on me", "my personal", "my data", "personal data"}}, nil, false},
	{"en", dsar.Access, 80, [][]string{{"who", "whom"}, {"looked", "accessed", "access", "saw", "shared", "disclosed", "seen", "viewed"}, {"my data", "my personal", "my file", "my record", "my details", "personal data"}}, nil, false},
	{"en", dsar.Access, 85, [][]string{{"subject access request", "dsar", "sar. under"}}, nil, false},
	{"en", dsar.Erasure, 90, [][]string{{"delete", "erase", "erasure", "remove", "forget", "wipe", "deletion"}, append([]string{"about me", "my account", "my number", "my record", "everything you have", "forgotten", "my profile"}, dataEN...)}, []string{"forgot my password", "deleted by mistake", "mailing list", "newsletter", "file i"}, false},
	{"en", dsar.Erasure, 85, [][]string{{"right to be forgotten"}}, nil, false},
	{"en", dsar.Rectification, 85, [][]string{{"correct", "rectif", "update", "fix", "amend"}, {"my data", "my name", "my surname", "my address", "my personal", "my details", "my record", "wrong address", "wrong name"}}, []string{"is correct", "are correct", "computer", "is this correct"}, false},
	{"en", dsar.Restriction, 88, [][]string{{"restrict", "stop", "pause", "limit", "suspend"}, {"processing", "using"}, {"my", "data"}}, mailEN, false},
	{"en", dsar.Objection, 88, [][]string{{"object", "objection"}, {"processing", "profil", "use of", "my data", "using"}}, mailEN, false},
	{"en", dsar.Objection, 85, [][]string{{"stop", "unsubscribe", "don t want", "do not want", "no more", "opt out", "do not send", "don t send", "remove me"}, mailEN}, nil, true},
	{"en", dsar.Portability, 90, [][]string{{"portab", "machine readable", "transfer my", "structured"}, {"data", "format"}}, []string{"speed"}, false},
	{"en", dsar.Withdrawal, 92, [][]string{{"withdraw", "revoke", "take back"}, {"consent", "permission"}}, []string{"application"}, false},
	{"en", dsar.NoAutomation, 85, [][]string{{"automated", "algorithm", "by a computer", "by a machine"}, {"decision", "decided", "profil"}}, nil, false},
}
