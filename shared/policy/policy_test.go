package policy

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func pack(t *testing.T, id string) *Pack {
	t.Helper()
	p, ok := Builtin().Pack(id)
	if !ok {
		t.Fatalf("no pack %s", id)
	}
	return p
}

func TestEveryBuiltinPackLoadsAndServesItsTenant(t *testing.T) {
	if _, err := Load(builtinFS()); err != nil {
		t.Fatal(err)
	}
	want := []string{"law-eu", "law-si", "law-sk", "2mobile", "ekc", "laboss", "saopnet", "smernica-sk"}
	if got := Builtin().Packs(); !slices.Equal(got, want) {
		t.Errorf("packs %v, want %v", got, want)
	}
	for _, id := range want[3:] {
		p, err := Builtin().ForTenant(id)
		if err != nil || p.ID != id {
			t.Errorf("tenant %s: %v, %v", id, p, err)
		}
		if p.Base == nil || p.Base.Kind != Law {
			t.Errorf("%s extends no law", id)
		}
	}
	if _, err := Builtin().ForTenant("nobody"); err == nil {
		t.Error("an unknown tenant has a pack")
	}
}

func TestVersionsBeginAtLocalMidnight(t *testing.T) {
	p := pack(t, "law-si")
	at := func(s string) *Terms {
		i, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return p.At(i)
	}
	if s := at("2023-01-25T22:59:59Z").LogStatute.Minimum; !s.IsZero() {
		t.Errorf("a second before 26 January 2023 in Ljubljana the log statute asks for %s", s)
	}
	if s := at("2023-01-25T23:00:00Z").LogStatute.Minimum; s != (Span{2, Year}) {
		t.Errorf("from 26 January 2023 in Ljubljana the log statute asks for %q, not 2y", s)
	}
	if at("1990-01-01T00:00:00Z").Authority.Name == "" {
		t.Error("before the first version there are no terms")
	}
}

func TestAgreementOverridesGeneralTermsForItsServices(t *testing.T) {
	p := pack(t, "ekc")
	now := day("2026-11-23")
	for service, want := range map[string]string{"business": "6m", "business-permits": "6m", "residence": "1y", "workplace": "1y", "none": "1y"} {
		if got := p.ForService(service).At(now).Retention["platform"].Period.String(); got != want {
			t.Errorf("%s: platform data kept %s, want %s", service, got, want)
		}
	}
	if got := p.At(now).Retention["platform"].Period.String(); got != "1y" {
		t.Errorf("an agreement changed the general terms: %s", got)
	}
	a, _ := p.Agreement("business")
	if got := a.At(day("2026-11-23")).Parties["user-body"].DPO.Email; got != "dpo@business.example" {
		t.Errorf("data protection officer of the sample body: %q", got)
	}
	if got := a.At(now).Parties["mdp"].Intake; !slices.Equal(got, []string{"gp.mdp@gov.si"}) {
		t.Errorf("what the agreement leaves alone is lost: %q", got)
	}
}

// K02: the account a person wrote to or called decides the class.
func TestClassForAccount(t *testing.T) {
	terms := pack(t, "ekc").At(day("2026-11-23"))
	for _, c := range []struct {
		name    string
		channel Channel
		account string
		class   Class
		line    string
	}{
		{"the servants' line as printed", Voice, "01 478 87 78", Servant, "servants"},
		{"the servants' line in E.164", Voice, "+38614788778", Servant, "servants"},
		{"the servants' line with 00", Voice, "00386 1 478-87-78", Servant, "servants"},
		{"the line for calls from abroad", Voice, "+386 1 478 85 90", Other, "abroad"},
		{"the free line for others", Voice, "0802002", Other, "others"},
		{"the free line with a country code", Voice, "+386 80 2002", Other, "others"},
		{"the mailbox in capitals", Email, "EKC@gov.si", Other, "mail"},
		{"any self-service account", SelfService, "portal", Servant, "selfservice"},
		{"any WhatsApp account", WhatsApp, "106540352242922", Other, "whatsapp"},
		{"an unknown number", Voice, "+386 1 000 00 00", Other, ""},
		{"a number without digits", Voice, "anonymous", Other, ""},
		{"an unknown channel", Post, "Davčna ulica 1", Other, ""},
	} {
		if class, line := terms.ClassFor(c.channel, c.account); class != c.class || line != c.line {
			t.Errorf("%s: %s, line %q; want %s, line %q", c.name, class, line, c.class, c.line)
		}
	}
}

// The values that functions compute with, as rules A1 to A7 have them.
func TestTermsHoldTheNumbersOfTheSources(t *testing.T) {
	now := day("2026-11-23")
	ekc, saopnet, mobile := pack(t, "ekc").At(now), pack(t, "saopnet").At(now), pack(t, "2mobile").At(now)
	laboss, smernica := pack(t, "laboss").At(now), pack(t, "smernica-sk").At(now)
	for _, c := range []struct{ rule, got, want string }{
		{"K01 opens", string(ekc.Hours["service"].From), "08:00"},
		{"K01 closes", string(ekc.Hours["service"].To), "22:00"},
		{"K07 servants", string(ekc.Processings["support"].Basis[Servant]), "contract"},
		{"K07 others", string(ekc.Processings["support"].Basis[Other]), "consent"},
		{"K13", ekc.Retention["desk-servant"].Period.String(), "5y"},
		{"K14", string(ekc.Retention["desk-other"].Trigger), "report_date"},
		{"K15", ekc.Retention["platform"].Period.String(), "1y"},
		{"K15 log", ekc.Logs["platform-audit"].Period.String(), "1y"},
		{"K16", ekc.Logs["desk-login"].Period.String(), "6m"},
		{"K16 is a maximum", string(ekc.Logs["desk-login"].Bound), "before"},
		{"K19", strings.Join(stringList(ekc.Storage.Countries), " ") + " " + ekc.Storage.Transfers, "EEA never"},
		{"K21", ekc.Requests.Answer.Within.String(), "1m"},
		{"K22 f", ekc.Requests.Competence[JointData][NotifyOthers].By, "granter"},
		{"K23 c", string(ekc.Requests.Competence[AuditTrail][Rectification].Outcome), "refused"},
		{"K23 d", ekc.Requests.Competence[AuditTrail][Erasure].Reason, "trail_not_erased"},
		{"K26", ekc.Breach.Authority.Within.String(), "72h"},
		{"A8 agree", ekc.Breach.Joint.Agree.String(), "24h"},
		{"K30", ekc.Changes.InForceAfter.String(), "3d"},
		{"S04", saopnet.Operations.MaintenanceNotice.String(), "6h"},
		{"S05", saopnet.Operations.Response.String(), "7d"},
		{"S18", saopnet.Incidents.ForceMajeure.String(), "2d"},
		{"S19 by default", saopnet.Breach.Processor.Within.String(), "24h"},
		{"S21", saopnet.Ending.Notice.String(), "3m"},
		{"M02", mobile.Access.Password.MaxAge.String(), "3m"},
		{"M03", mobile.Access.LockAfter.String(), "3min"},
		{"M08", mobile.Breach.Processor.Within.String(), "24h"},
		{"L04", laboss.SubProcessing.Notice.String(), "7d"},
		{"L07", laboss.Breach.Processor.Within.String(), "48h"},
		{"L09", laboss.Audit.Notice.String(), "30d"},
		{"L11", laboss.Logs["processing-log"].Period.String(), "2y"},
		{"P18 granted against the text", string(smernica.Requests.Competence[JointData][Portability].Outcome), "granted"},
		{"P20 days", smernica.Requests.Answer.Days.String(), "30d"},
		{"P20 month", smernica.Requests.Answer.Within.String(), "1m"},
		{"P24", smernica.Access.LockAfter.String(), "10min"},
		{"SK authority", smernica.Authority.Name, "Úrad na ochranu osobných údajov Slovenskej republiky"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.rule, c.got, c.want)
		}
	}
	if mobile.Access.Password.MinLength != 9 {
		t.Errorf("M02: more than 8 characters, got a minimum of %d", mobile.Access.Password.MinLength)
	}
	if !isNot(saopnet.Breach.Processor.Contractual) || !is(laboss.Breach.Processor.Contractual) {
		t.Error("S19 is not marked as non-contractual, or L07 is")
	}
	if laboss.Processings["own-interest"].On() || !laboss.Processings["app"].On() || !laboss.Processings["app"].LogLaw() || ekc.Processings["support"].LogLaw() {
		t.Error("A8: laboss declares the log law and ekc declares that it does not apply; own interests are off")
	}
}

func TestAccessorsOfTerms(t *testing.T) {
	terms := pack(t, "ekc").At(day("2026-11-23"))
	if got := terms.RetentionFor(Desk, Servant); !slices.Equal(got, []string{"desk-servant"}) {
		t.Errorf("rules for servants on the desk: %v", got)
	}
	if got := terms.RetentionFor(Platform, Other); !slices.Contains(got, "platform") || slices.Contains(got, "desk-other") {
		t.Errorf("rules for others on the platform: %v", got)
	}
	if got := terms.Conversation.IdleOn(Email).String() + " " + terms.Conversation.IdleOn(Viber).String(); got != "14d 24h" {
		t.Errorf("idle times %s", got)
	}
	if got := terms.Conversation.IdleFor(Email); got != 14*24*time.Hour {
		t.Errorf("idle time on mail %s", got)
	}
	for class, want := range map[RetentionClass]string{LogData: "event 1y after", LoginLog: "event 6m before", DeskLog: "ticket_end  after"} {
		if l := terms.LogFor(class); string(l.Trigger)+" "+l.Period.String()+" "+string(l.Bound) != want {
			t.Errorf("log entries of class %s: %+v", class, l)
		}
	}
	silent := pack(t, "smernica-sk").At(day("2026-11-23"))
	for class, want := range map[RetentionClass]string{LogData: "event 2y after", LoginLog: "event 6m before", DeskLog: "ticket_end  after"} {
		if l := silent.LogFor(class); string(l.Trigger)+" "+l.Period.String()+" "+string(l.Bound) != want {
			t.Errorf("where the terms are silent, log entries of class %s: %+v", class, l)
		}
	}
	if text, _, ok := terms.Text("viber.welcome", English); !ok || text == "" {
		t.Error("keys with dots find no text")
	}
	if text, _, ok := terms.Text("out_of_hours", Slovak); !ok || !strings.HasPrefix(text, "Dobrý deň") {
		t.Errorf("Slovak text: %q", text)
	}
	if text, _, ok := terms.Text("out_of_hours", "de"); !ok || !strings.HasPrefix(text, "Pozdravljeni") {
		t.Errorf("without the language the pack's first one: %q", text)
	}
	if _, _, ok := terms.Text("nothing", English); ok {
		t.Error("a text that is not there")
	}
	if !terms.MayStore("SI") || !terms.MayStore("NO") || terms.MayStore("US") || terms.MayStore("GB") {
		t.Error("storage is allowed in the EEA only")
	}
}

func TestReplacingALawReachesThePacksThatExtendIt(t *testing.T) {
	data := breakPack(t, "law-eu", "          within: 72h\n          code", "          within: 48h\n          code")
	set, id, err := Builtin().WithFile("law-eu.yaml", data)
	if err != nil || id != "law-eu" {
		t.Fatal(id, err)
	}
	old, _ := Builtin().Pack("laboss")
	changed, _ := set.Pack("laboss")
	now := day("2026-11-23")
	if got := changed.At(now).Breach.Authority.Within.String(); got != "48h" {
		t.Errorf("laboss inherits %s from the replaced law", got)
	}
	if got := old.At(now).Breach.Authority.Within.String(); got != "72h" {
		t.Errorf("the set below changed: %s", got)
	}
	if a, b := len(Builtin().Check()), len(set.Check()); a != b {
		t.Errorf("%d findings before, %d after", a, b)
	}
}

func TestALawAndAPackLoadedTogetherMeet(t *testing.T) {
	law := breakPack(t, "law-eu", "          within: 72h\n          code", "          within: 48h\n          code")
	party := breakPack(t, "laboss", "tenants: [laboss]", "tenants: [laboss, second]")
	set, err := Builtin().With(fstest.MapFS{"law-eu.yaml": {Data: law}, "laboss.yaml": {Data: party}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := set.ForTenant("second")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.At(day("2026-11-23")).Breach.Authority.Within.String(); got != "48h" {
		t.Errorf("the pack inherits %s from a law that has been replaced", got)
	}
}

func TestFindingsOfOtherPacksStayWhenOneIsReplaced(t *testing.T) {
	set, _, err := Builtin().WithFile("ekc.yaml", breakPack(t, "ekc", "tenants: [ekc]", "tenants: [ekc, second]"))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := len(Builtin().Check()), len(set.Check()); a != b || a == 0 {
		t.Errorf("%d findings before, %d after", a, b)
	}
}

func TestTheFirstVersionBeginsWithThePackNotWithItsLaw(t *testing.T) {
	got := pack(t, "ekc").Versions()
	if len(got) != 2 || !got[0].From.Equal(instant(t, "2025-05-01T00:00:00+02:00")) || !got[1].From.Equal(instant(t, "2025-06-19T00:00:00+02:00")) {
		t.Errorf("versions from %v", got)
	}
	if !pack(t, "ekc").InForce(instant(t, "2025-05-01T00:00:00+02:00")) || pack(t, "ekc").InForce(instant(t, "2025-04-30T23:59:59+02:00")) {
		t.Error("K30: in force on the third day after signature")
	}
}

func TestAMarkOnAnObjectOutlivesAChangeBesideIt(t *testing.T) {
	data, err := os.ReadFile("packs/saopnet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, "  - valid_from: 2026-01-01\n    terms:\n      subprocessors:\n        sendgrid: {service: mail, clause: saopnet 14.26, rules: [S15]}\n"...)
	set, _, err := Builtin().WithFile("saopnet.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := set.Pack("saopnet")
	e, err := p.Explain("subprocessors.sendgrid", day("2026-11-23"))
	if err != nil || e.Defect == nil || e.Defect.Fault != FaultTransfer {
		t.Errorf("the mark is gone: %+v, %v", e.Defect, err)
	}
}

func TestAccountNamesAreNotNumbers(t *testing.T) {
	terms := pack(t, "ekc").At(day("2026-11-23"))
	if a, b := terms.account(Viber, "bot 1"), terms.account(Viber, "other 1"); a == b {
		t.Errorf("two names are one account %q", a)
	}
	if got := terms.account(Email, " Ekc@GOV.si "); got != "ekc@gov.si" {
		t.Errorf("got %q", got)
	}
}

// ZVOP-2 art. 22: at least two years from the end of the calendar year.
func TestStatutoryLogMinimum(t *testing.T) {
	for _, c := range []struct {
		name     string
		log      Log
		tooShort bool
	}{
		{"two years from the end of the year", Log{Trigger: EndOfYear, Period: Span{2, Year}, Bound: After}, false},
		{"a year from the end of the year", Log{Trigger: EndOfYear, Period: Span{1, Year}, Bound: After}, true},
		{"gone before two years from the end of the year", Log{Trigger: EndOfYear, Period: Span{2, Year}, Bound: Before}, true},
		{"gone before three years from the end of the year", Log{Trigger: EndOfYear, Period: Span{3, Year}, Bound: Before}, false},
		{"three years from the entry", Log{Trigger: Event, Period: Span{3, Year}, Bound: After}, false},
		{"35 months from the entry", Log{Trigger: Event, Period: Span{35, Month}, Bound: After}, true},
		{"gone before three years from the entry", Log{Trigger: Event, Period: Span{3, Year}, Bound: Before}, true},
		{"with the ticket", Log{Trigger: TicketEnd}, true},
		{"three years from an unrelated fact", Log{Trigger: ContractEnd, Period: Span{3, Year}, Bound: After}, true},
	} {
		if got := short(c.log, Span{2, Year}); got != c.tooShort {
			t.Errorf("%s: too short is %v", c.name, got)
		}
	}
}

func TestParserKeepsItsLimits(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		line             int
	}{
		{"nothing", "", "empty file", 1},
		{"a comment alone", "# x\n", "empty file", 1},
		{"two documents", "a: b\n---\nc: d\n", "more than one document", 2},
		{"a number that is none", "a: b\nc: .nan\n", "finite", 2},
		{"an endless number", "a: .inf\n", "finite", 1},
		{"a key that is a number", "a: b\n1: c\n", "quote it", 2},
		{"a key that is a list", "? [a]\n: b\n", "quote it", 1},
		{"a merge key", "a: {<<: {b: c}}\n", "quote it", 1},
		{"a tag of one's own", "a: !x y\n", "tag", 1},
		{"too deep", strings.Repeat("{a: ", maxDepth+2) + "b" + strings.Repeat("}", maxDepth+2), "nested deeper", 1},
		{"too many values", "[" + strings.Repeat("a,", maxNodes) + "a]", "values", 1},
		{"too large", "a: " + strings.Repeat("b", maxFile), "bytes", 1},
		{"a tab for indentation", "a:\n\tb: c\n", "", 2},
	} {
		n, err := parse([]byte(c.text))
		if err == nil || !strings.Contains(err.text, c.want) || err.line != c.line {
			t.Errorf("%s: %v, %+v", c.name, n, err)
		}
	}
}

func TestPacksInACircleOrTwiceAreRefused(t *testing.T) {
	law := func(id, base string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("pack: " + id + "\nkind: law\ntitle: t\njurisdiction: EU\nzone: Europe/Brussels\nlanguages: [en]\nextends: " + base +
			"\nsources: {x: {title: t}}\nversions: [{valid_from: 2020-01-01, terms: {}}]\n")}
	}
	_, err := Load(fstest.MapFS{"a.yaml": law("a", "b"), "b.yaml": law("b", "a")})
	if found, ok := AsFindings(err); !ok || found[0].Fault != FaultExtends || found[0].Line != 7 || !strings.Contains(found[0].Text, "circle") {
		t.Errorf("circle: %v", err)
	}
	_, err = Load(fstest.MapFS{"a.yaml": law("a", "a")})
	if _, ok := AsFindings(err); !ok {
		t.Errorf("a pack that extends itself: %v", err)
	}
	_, err = Load(fstest.MapFS{"a.yaml": law("a", "b"), "b.yaml": law("a", "b")})
	if found, ok := AsFindings(err); !ok || !strings.Contains(found.Error(), "another file") {
		t.Errorf("twice: %v", err)
	}
}

func TestOneTenantUnderTwoPacksIsRefused(t *testing.T) {
	data := breakPack(t, "laboss", "tenants: [laboss]", "tenants: [laboss, ekc] # here")
	_, _, err := Builtin().WithFile("laboss.yaml", data)
	found, ok := AsFindings(err)
	if !ok || !strings.Contains(found[0].Text, `tenant "ekc"`) || found[0].Line != lineOf(string(data), "# here") {
		t.Errorf("got %v", err)
	}
}

// Every closed set refuses the empty and an unknown value, and takes its own.
func TestClosedSetsValidate(t *testing.T) {
	type validator interface{ Validate() error }
	for _, set := range []any{kinds, languages, classes, channels, roles, bases, systems, retentionClasses, fields, technicalFields, modules, rights, scopes, outcomes, persons, actions, triggers, bounds, transferTools, measures, faults, levels, units} {
		v := reflect.ValueOf(set)
		for i := range v.Len() {
			if err := v.Index(i).Interface().(validator).Validate(); err != nil {
				t.Error(err)
			}
		}
		bad := reflect.New(v.Type().Elem()).Elem()
		if bad.Interface().(validator).Validate() == nil {
			t.Errorf("%s takes the empty value", v.Type().Elem())
		}
	}
}
