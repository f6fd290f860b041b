package breach

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/breachfile"
	"github.com/okence/okence/shared/domain/breach"
	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/deadline"
	register "github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/work"
)

// friday is before the clocks of Ljubljana go back, on Sunday 31 October 2027, and
// before a work-free Monday. Nothing of that moves hours that elapse.
var friday = time.Date(2027, time.October, 29, 14, 5, 7, 0, time.UTC)

func (w *world) report(d *events.BreachReported) string {
	w.t.Helper()
	if d.BreachID == "" {
		d.BreachID = "b1"
	}
	w.deliver(w.event(d))
	return d.BreachID
}

// TestOneBreachThreePacks: one awareness, on a Friday before the clock change of
// Sunday 31 October 2027 and a work-free Monday; three packs, three answers.
func TestOneBreachThreePacks(t *testing.T) {
	w := newWorld(t)
	w.Clock.Add(friday.Sub(w.Clock.Now()))
	id := w.report(&events.BreachReported{Source: breach.FromPortal, Packs: []string{"ekc", "2mobile", "laboss", "saopnet"}})
	for _, want := range []struct {
		name, end, local, law string
		contractual           bool
	}{
		{"breach.authority.ekc", "2027-11-01T14:05:07Z", "2027-11-01T15:05:07+01:00", "ekc sec. 7.14; GDPR art. 33(1)", false},
		{"breach.agree.ekc", "2027-10-30T14:05:07Z", "2027-10-30T16:05:07+02:00", "okence default", false},
		{"breach.other.ekc", "2027-10-29T14:05:07Z", "2027-10-29T16:05:07+02:00", "ekc sec. 7.14", false},
		{"breach.controller.2mobile", "2027-10-30T14:05:07Z", "2027-10-30T16:05:07+02:00", "2mobile sec. 4.3(1)", true},
		{"breach.controller.laboss", "2027-10-31T14:05:07Z", "2027-10-31T15:05:07+01:00", "laboss sec. 9.2, C.2 assistance", true},
		{"breach.controller.saopnet", "2027-10-30T14:05:07Z", "2027-10-30T16:05:07+02:00", "okence default", false}, // S19 gives no hours
	} {
		l := w.limit(id, want.name)
		zone, err := time.LoadLocation("Europe/Ljubljana")
		if err != nil {
			t.Fatal(err)
		}
		if got := l.EndAt.Format(time.RFC3339); got != want.end || l.EndAt.In(zone).Format(time.RFC3339) != want.local {
			t.Errorf("%s ends %s, want %s", want.name, got, want.end)
		}
		if !strings.HasPrefix(l.Law, want.law) {
			t.Errorf("%s under %q, want %q", want.name, l.Law, want.law)
		}
	}
	c := w.load(id)
	clocks, err := breachfile.Clocks(w.env.Policy, c)
	if err != nil || len(clocks) != 6 {
		t.Fatalf("%d clocks: %v", len(clocks), err)
	}
	for _, k := range clocks {
		if k.Task == breach.TellController && k.Contractual != (k.Relation != "saopnet") {
			t.Errorf("%s: contractual %v", k.Name, k.Contractual)
		}
		if k.Relation != "ekc" && k.Task != breach.TellController {
			t.Errorf("as processor under %s: %s", k.Relation, k.Task)
		}
	}
	for pack, want := range map[string]string{"ekc": "gp.ip@ip-rs.si", "2mobile": "", "laboss": ""} {
		to := breach.ToController
		if pack == "ekc" {
			to = breach.ToAuthority
		}
		r, err := breachfile.RecipientOf(w.env.Policy, *c.Relation(pack), to, friday)
		if err != nil || r.Email != want || r.Name == "" || (want == "") == (r.Where == "") {
			t.Errorf("%s: %+v, %v", pack, r, err)
		}
	}
}

func TestTheAgreementOfAServiceSetsItsOwnTimeAndOffice(t *testing.T) {
	w := newWorld(t)
	w.Clock.Add(friday.Sub(w.Clock.Now()))
	id := w.report(&events.BreachReported{Source: breach.FromPortal, Service: "business"})
	if l := w.limit(id, "breach.agree.ekc"); !l.EndAt.Equal(friday.Add(12 * time.Hour)) {
		t.Errorf("the agreement gives 12 hours; ends %s", l.EndAt)
	}
	r, err := breachfile.RecipientOf(w.env.Policy, *w.load(id).Relation("ekc"), breach.ToOther, friday)
	if err != nil || r.Email != "dpo@business.example" || !r.DPO {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAReportIsTakenOnceWithWhatItSaidAndWhenItCame(t *testing.T) {
	w := newWorld(t)
	came := w.Clock.Now()
	w.do(func(_ context.Context, u *work.Unit) error {
		raw, _ := json.Marshal(breach.Facts{Nature: "a lost notebook"})
		work.Save(u, record.Intakes, &intake.Intake{ID: "i1", Day: intake.Day(u.Now()), ReceivedAt: u.Now(), Raw: raw})
		return nil
	})
	w.Clock.Add(2 * time.Hour) // handled late: awareness does not wait for it
	e := w.event(&events.BreachReported{Source: breach.FromProcessor, BreachID: "b1", Intake: "i1", ProcessorAwareAt: came.Add(-time.Hour), AwareAt: came.Add(-5 * time.Hour)})
	w.deliver(e)
	if got, err := w.fn.Deliver(t.Context(), w.env, e, 2); err != nil || got != host.Duplicate {
		t.Errorf("%s, %v", got, err)
	}
	c := w.load("b1")
	if aware, _ := c.At(breach.Aware); !aware.Equal(came) || c.Facts.Nature != "a lost notebook" {
		t.Errorf("told by a processor, we are aware when it reached us: %s; %+v", aware, c.Facts)
	}
	if !slices.Contains(c.Links, breach.Link{Kind: "peer_breach", ID: "theirs-1"}) {
		t.Errorf("their reference is lost: %v", c.Links)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		_, there, err := work.Find(ctx, u, record.Intakes, "i1")
		if there {
			t.Error("the intake is still there")
		}
		return err
	})
}

func TestADrillNeverEntersTheRegister(t *testing.T) {
	w := newWorld(t)
	w.report(&events.BreachReported{Source: breach.FromPortal, Drill: true})
	w.do(func(ctx context.Context, u *work.Unit) error {
		for partition, want := range map[string]int{"breach": 0, "drill": 1} {
			page, err := work.Scan(ctx, u, record.Breaches, store.Query{Index: record.ByTime, Partition: partition})
			if err != nil || len(page.Items) != want {
				t.Errorf("%s: %d, %v", partition, len(page.Items), err)
			}
		}
		c, err := work.Load(ctx, u, record.Breaches, "b1")
		if err != nil {
			return err
		}
		w.take()
		c.Facts.Nature = "a lost notebook"
		n, err := breachfile.Release(ctx, u, w.env.Policy, c, ask("other"), breach.Person{ID: "officer-1", Role: "officer"})
		if err != nil || !n.Drill {
			t.Errorf("%+v, %v", n, err)
		}
		return nil
	})
	for _, e := range w.take() {
		t.Errorf("a drill sent %s", e.Type)
	}
}

// ask is a request for a notice that may go in phases.
func ask(to breach.Addressee) breachfile.Ask {
	return breachfile.Ask{
		To: to, Relation: "ekc", Language: "sl", Reason: "due", Phased: true, FollowUpAt: friday.AddDate(1, 0, 0), Contact: breach.Contact{Name: "DPO", Email: "dpo@mdp.example"},
	}
}

func TestNotAgreedInTimeAJointNoticeFallsDueAndThenEachItsOwn(t *testing.T) {
	w := newWorld(t)
	w.Clock.Add(friday.Sub(w.Clock.Now()))
	id := w.report(&events.BreachReported{Source: breach.FromPortal})
	w.reach(id, friday.Add(24*time.Hour-time.Second))
	if a := w.load(id).Agreement("ekc"); a.State != breach.Unsettled {
		t.Fatalf("a second before: %s", a.State)
	}
	w.reach(id, friday.Add(24*time.Hour))
	if a := w.load(id).Agreement("ekc"); a.State != breach.JointDue {
		t.Fatalf("%s", a.State)
	}
	if l := w.limit(id, "breach.joint_notice.ekc"); l.State != deadline.Running || !l.EndAt.Equal(friday.Add(72*time.Hour)) {
		t.Errorf("%+v", l)
	}
	w.reach(id, friday.Add(time.Duration(float64(72*time.Hour)*0.9)))
	if a := w.load(id).Agreement("ekc"); a.State != breach.EachOwn {
		t.Fatalf("%s", a.State)
	}
	if l := w.limit(id, "breach.joint_notice.ekc"); l.State != deadline.Withdrawn {
		t.Errorf("%+v", l)
	}
	w.reach(id, friday.Add(72*time.Hour))
	c := w.load(id)
	if !slices.ContainsFunc(c.Told, func(x breach.Told) bool { return x.Task == "breach.authority.ekc" && x.Stage == "due" }) {
		t.Error("a missed end is not on record")
	}
	if l := w.limit(id, "breach.authority.ekc"); !l.Overdue(w.Clock.Now()) {
		t.Errorf("%+v", l)
	}
}

func TestTheOtherSidesAnswerSettlesWhosePartItIs(t *testing.T) {
	w := newWorld(t)
	id := w.report(&events.BreachReported{Source: breach.FromPortal})
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Breaches, id)
		if err != nil {
			return err
		}
		if err := c.Say("ekc", breach.Theirs, breach.Person{ID: "officer-1", Role: "officer"}, "their mailbox", u.Now()); err != nil {
			return err
		}
		_, err = breachfile.Save(ctx, u, w.env.Policy, c)
		return err
	})
	w.deliver(w.event(&events.BreachAnswered{BreachID: id, Party: "ekc", Part: breach.Ours}))
	if a := w.load(id).Agreement("ekc"); a.State != breach.Agreed || a.Part != breach.Theirs {
		t.Errorf("%+v", a)
	}
	if l := w.limit(id, "breach.authority.ekc"); l.State != deadline.Withdrawn {
		t.Errorf("%+v", l)
	}
}

func TestAReleasedNoticeGoesOnceByMailWithItsDocuments(t *testing.T) {
	w := newWorld(t)
	t.Setenv("OKENCE_PEER_EKC_USER_BODY", `{"url":"https://body.example/peers/body/ekc","secrets":["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"]}`)
	id := w.report(&events.BreachReported{Source: breach.FromPortal, Service: "business"})
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Breaches, id)
		if err != nil {
			return err
		}
		c.Facts.Nature = "a mailbox was read"
		_, err = breachfile.Release(ctx, u, w.env.Policy, c, ask(breach.ToOther), breach.Person{ID: "officer-1", Role: "officer"})
		return err
	})
	i := slices.IndexFunc(w.out, func(e events.Event) bool { return e.Type == events.BreachNoticeReleasedType })
	e := w.take()[i]
	w.deliver(e)
	w.deliver(w.event(&events.BreachNoticeReleased{BreachID: id, NoticeID: breach.NoticeID(id, 1)})) // asked again
	sent, signed := 0, 0
	for _, e := range w.take() {
		switch e.Type {
		case events.ReplyRequestedType:
			sent++
		case events.SendingRequestedType:
			signed++
		}
	}
	if sent != 1 || signed != 1 {
		t.Errorf("sent %d times by mail, %d times as an event", sent, signed)
	}
	w.do(func(ctx context.Context, u *work.Unit) error {
		n, err := work.Load(ctx, u, record.BreachNotices, breach.NoticeID(id, 1))
		if err != nil {
			return err
		}
		letter, err := work.Peek(ctx, u, record.Notices, n.LetterID)
		if err != nil {
			return err
		}
		m, err := work.Load(ctx, u, record.Messages, letter.MessageID)
		if err != nil {
			return err
		}
		if len(letter.Files) != 3 || letter.Files[1] != n.SHA256 || letter.Files[2] != n.PDFSHA256 {
			t.Errorf("%+v", letter)
		}
		if !strings.Contains(m.Text, "a mailbox was read") || !strings.Contains(m.Text, "Obvestilo skupnemu upravljavcu") || !strings.Contains(m.Subject, id) {
			t.Errorf("%q: %q", m.Subject, m.Text)
		}
		return nil
	})
}

// Ana is named by her address, Bor by his name in a case about his conversation; Cene
// wrote too, and the notice does not say so.
func TestWhomANoticeNamesStandsInTheDisclosureRegister(t *testing.T) {
	w := newWorld(t)
	t.Setenv("OKENCE_PEER_EKC_USER_BODY", `{"url":"https://body.example/peers/body/ekc","secrets":["whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"]}`)
	w.do(func(ctx context.Context, u *work.Unit) error {
		for id, name := range map[string]string{"ana": "", "bor": "Bor Kos", "cene": "Cene Vrh"} {
			a := contact.Address{Scheme: message.Mailto, Address: id + "@example.si", Channel: message.Email, SeenAt: u.Now()}
			work.Save(u, record.Contacts, &contact.Contact{ID: id, CreatedAt: u.Now(), Name: name, Addresses: []contact.Address{a}})
			lookup, err := locate.AddressID(ctx, u, a.Scheme, "", a.Address)
			if err != nil {
				return err
			}
			work.Save(u, record.Lookups, &contact.Lookup{ID: lookup, ContactID: id})
			work.Save(u, record.Conversations, &conversation.Conversation{ID: "c." + id, ContactID: id, Channel: message.Email, Provider: "mime",
				Class: conversation.Other, State: conversation.Open, OpenedAt: u.Now(), LastAt: u.Now()})
		}
		return nil
	})
	id := w.report(&events.BreachReported{Source: breach.FromPortal, Service: "business", ConversationIDs: []string{"c.bor", "c.cene", "c.gone"}})
	w.do(func(ctx context.Context, u *work.Unit) error {
		c, err := work.Load(ctx, u, record.Breaches, id)
		if err != nil {
			return err
		}
		c.Facts.Nature = "The letters of BOR KOS were sent to ANA@example.si and to nobody@example.si."
		_, err = breachfile.Release(ctx, u, w.env.Policy, c, ask(breach.ToOther), breach.Person{ID: "officer-1", Role: "officer"})
		return err
	})
	w.deliver(w.event(&events.BreachNoticeReleased{BreachID: id, NoticeID: breach.NoticeID(id, 1)}))
	w.deliver(w.event(&events.BreachNoticeReleased{BreachID: id, NoticeID: breach.NoticeID(id, 1)})) // asked again
	for person, want := range map[string]int{"ana": 1, "bor": 1, "cene": 0} {
		var got []*register.Disclosure
		w.do(func(ctx context.Context, u *work.Unit) error {
			return dossier.DisclosuresOf(ctx, u, person, func(d *register.Disclosure) { got = append(got, d) })
		})
		if len(got) != want {
			t.Errorf("%s: %d lines", person, len(got))
		}
		for _, d := range got {
			if d.Ground != register.Breach || d.Recipient != "user-body" || d.Mailbox == "" || d.About[0] != "breachnotice/"+breach.NoticeID(id, 1) {
				t.Errorf("%s: %+v", person, d)
			}
		}
	}
}
