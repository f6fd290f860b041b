package breach

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

var (
	officer = Person{"officer-1", OfficerRole}
	dpo     = Person{"dpo-1", DPORole}
	adviser = Person{"adviser-1", "adviser"}

	// Friday afternoon before the clocks go back on Sunday 25 October 2026.
	friday = time.Date(2026, time.October, 23, 14, 5, 7, 0, time.UTC)
)

func at(t testing.TB, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func terms(t testing.TB) map[string]Terms {
	t.Helper()
	cal, err := period.NewCalendar("SI")
	if err != nil {
		t.Fatal(err)
	}
	h := func(n int, law string) Limit { return Limit{Term: period.Hours(n), Law: law} }
	ekc := Terms{
		Calendar: cal, Authority: h(72, "ekc sec. 7.14; GDPR art. 33(1)"), TellOther: Limit{AtOnce: true, Law: "ekc sec. 7.14"}, Agree: h(24, "okence default"),
		TellFirst: "ekc sec. 7.15", Persons: "GDPR art. 34", FollowUp: "GDPR art. 33(4)", Warn: []float64{0.5, 0.75, 0.9},
		NIS2Warning: h(24, "NIS2 art. 23(4)"), NIS2Notice: h(72, "NIS2 art. 23(4)"), NIS2Final: Limit{Term: period.Months(1), Law: "NIS2 art. 23(4)"},
	}
	return map[string]Terms{
		"ekc": ekc,
		"mob": {Calendar: cal, Processor: h(24, "2mobile sec. 4.3(1)"), Contractual: true, Warn: ekc.Warn},
	}
}

// newCase is a breach of our own and of what we process for another, aware on
// Friday.
func newCase(t testing.TB, change ...func(*Report)) *Case {
	t.Helper()
	r := Report{
		ID: "b1", Source: FromPortal, By: adviser, ReceivedAt: friday.Add(time.Hour), AwareAt: friday, DetectedAt: friday.Add(-time.Hour),
		Relations: []Relation{{Pack: "ekc", Role: Joint, We: "mdp", Other: "user-body"}, {Pack: "mob", Role: Processor, We: "mob", Other: "controller"}},
		Facts:     facts(),
	}
	for _, f := range change {
		f(&r)
	}
	c, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func facts() Facts {
	return Facts{
		Nature: "a mailbox was read", PersonCategories: []string{"customer"}, Persons: 120, DataCategories: []string{"email"}, Records: 300,
		Consequences: "unwanted mail", Measures: "the password was changed", PersonsText: "Somebody read our mailbox.",
	}
}

func form(c *Case) Form {
	aware, _ := c.At(Aware)
	return Form{Facts: c.Facts, AwareAt: aware, Contact: Contact{Name: "DPO", Email: "dpo@example.org"}}
}

func clocks(t testing.TB, c *Case) []Clock {
	t.Helper()
	out, err := c.Clocks(terms(t))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func clock(t testing.TB, c *Case, name string) Clock {
	t.Helper()
	all := clocks(t, c)
	i := slices.IndexFunc(all, func(k Clock) bool { return k.Name == name })
	if i < 0 {
		t.Fatalf("no clock %s among %v", name, all)
	}
	return all[i]
}

func has(t testing.TB, c *Case, name string) bool {
	return slices.ContainsFunc(clocks(t, c), func(k Clock) bool { return k.Name == name })
}

func TestClocksRunAllAtOnceAndToTheSecond(t *testing.T) {
	c := newCase(t)
	for name, want := range map[string]string{
		"breach.other.ekc":      "2026-10-23T14:05:07Z", // at once
		"breach.agree.ekc":      "2026-10-24T14:05:07Z",
		"breach.authority.ekc":  "2026-10-26T14:05:07Z", // 72 elapsed hours: 15:05:07 local, though it began at 16:05:07
		"breach.controller.mob": "2026-10-24T14:05:07Z",
	} {
		k := clock(t, c, name)
		if !k.EndAt.Equal(at(t, want)) || k.State != Due || k.Law == "" {
			t.Errorf("%s ends %s (%s, %q), want %s", name, k.EndAt, k.State, k.Law, want)
		}
		if k.Overdue(k.EndAt.Add(-time.Second)) || !k.Overdue(k.EndAt) {
			t.Errorf("%s: overdue on the wrong side of its end", name)
		}
	}
	if k := clock(t, c, "breach.controller.mob"); !k.Contractual {
		t.Error("the processor's hours stand in its contract")
	}
	if n := len(clocks(t, c)); n != 4 {
		t.Errorf("%d clocks, want 4: a processor owes nothing to the authority", n)
	}
}

func TestAwarenessThatNobodyStatedIsTheReceipt(t *testing.T) {
	c := newCase(t, func(r *Report) { r.AwareAt = time.Time{} })
	if a, _ := c.At(Aware); !a.Equal(friday.Add(time.Hour)) {
		t.Errorf("aware at %s", a)
	}
	c = newCase(t, func(r *Report) { r.Source = FromProcessor; r.ProcessorAt = friday.Add(-time.Hour) })
	if a, _ := c.At(Aware); !a.Equal(friday.Add(time.Hour)) {
		t.Errorf("told by a processor, we are aware when told; got %s", a)
	}
	if _, err := New(Report{ID: "x", Source: FromPortal, ReceivedAt: friday, AwareAt: friday.Add(time.Second)}); !errors.Is(err, ErrFuture) {
		t.Errorf("an awareness that is yet to come: %v", err)
	}
}

func TestACorrectionNeverMovesAClockLaterByItself(t *testing.T) {
	const name = "breach.authority.ekc"
	c := newCase(t)
	before := clock(t, c, name).EndAt
	now := friday.Add(5 * time.Hour)
	if _, err := c.Enter(Aware, friday.Add(time.Hour), officer, "", now); !errors.Is(err, ErrReason) {
		t.Errorf("a correction without a reason: %v", err)
	}
	later, err := c.Enter(Aware, friday.Add(3*time.Hour), officer, "certain only after the investigation", now)
	if err != nil || later.Standing != Proposed {
		t.Fatalf("%+v, %v", later, err)
	}
	if got := clock(t, c, name).EndAt; !got.Equal(before) {
		t.Fatalf("the limit moved by itself to %s", got)
	}
	if err := c.Rule(later.No, true, adviser, "yes", now); !errors.Is(err, ErrOfficer) {
		t.Errorf("an adviser decided: %v", err)
	}
	if err := c.Rule(later.No, true, officer, "the log shows it", now); err != nil {
		t.Fatal(err)
	}
	if got := clock(t, c, name).EndAt; !got.Equal(before.Add(3 * time.Hour)) {
		t.Errorf("decided, and the limit is %s", got)
	}
	first := c.Instants[slices.IndexFunc(c.Instants, func(i Instant) bool { return i.Kind == Aware })]
	if first.Standing != Superseded || !first.At.Equal(friday) || len(c.Decisions) != 1 || c.Decisions[0].By != officer {
		t.Errorf("not on record: %+v, %+v", first, c.Decisions)
	}
	if err := c.Rule(later.No, true, officer, "again", now); !errors.Is(err, ErrUnknown) {
		t.Errorf("decided twice: %v", err)
	}
	earlier, err := c.Enter(Aware, friday.Add(-time.Second), adviser, "the mail came then", now)
	if err != nil || earlier.Standing != Counts {
		t.Fatalf("what moves a clock earlier counts at once: %+v, %v", earlier, err)
	}
	if got := clock(t, c, name).EndAt; !got.Equal(before.Add(-time.Second)) {
		t.Errorf("ends %s", got)
	}
}

func TestARejectedProposalStaysOnRecord(t *testing.T) {
	c := newCase(t)
	later, _ := c.Enter(ProcessorAware, friday, adviser, "", friday.Add(time.Hour))
	if later.Standing != Counts {
		t.Fatal("the first of its kind counts")
	}
	later, _ = c.Enter(ProcessorAware, friday.Add(time.Minute), adviser, "I think", friday.Add(time.Hour))
	if err := c.Rule(later.No, false, officer, "no proof", friday.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	got := c.Instants[later.No-1]
	if got.Standing != Rejected || got.Ruling == nil || got.Ruling.Value != "rejected" {
		t.Errorf("%+v", got)
	}
	if p, _ := c.At(ProcessorAware); !p.Equal(friday) {
		t.Errorf("counts: %s", p)
	}
}

func TestNIS2RunsBesideAndItsFinalReportCountsFromTheNotification(t *testing.T) {
	c := newCase(t)
	if err := c.BindNIS2(true, officer, "essential entity", friday.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if k := clock(t, c, "breach.nis2_warning"); !k.EndAt.Equal(friday.Add(24 * time.Hour)) {
		t.Errorf("warning ends %s", k.EndAt)
	}
	if has(t, c, "breach.nis2_final") {
		t.Error("the final report has no limit before the notification")
	}
	sent := at(t, "2026-10-26T09:00:00Z")
	if err := c.Submit(NIS2Notice, officer, "handed in", sent); err != nil {
		t.Fatal(err)
	}
	if k := clock(t, c, "breach.nis2_final"); !k.EndAt.Equal(at(t, "2026-11-26T23:00:00Z")) {
		t.Errorf("one month from the notification, exclusive local midnight: %s", k.EndAt)
	}
	if k := clock(t, c, "breach.nis2_notification"); k.State != Kept || k.Late {
		t.Errorf("%+v", k)
	}
}

func TestACaseClosesOnlyWhenNothingIsDue(t *testing.T) {
	c := newCase(t, func(r *Report) { r.Relations = r.Relations[1:] })
	now := friday.Add(2 * time.Hour)
	if err := c.Close(clocks(t, c), officer, "done", now); !errors.Is(err, ErrOpenTasks) {
		t.Fatalf("closed with a clock running: %v", err)
	}
	if _, err := c.Let(Release{To: ToController, Relation: "mob", Form: form(c), By: officer, Reason: "complete", NoticeID: "n1"}, terms(t)["mob"], clocks(t, c), now); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(clocks(t, c), dpo, "done", now); !errors.Is(err, ErrOfficer) {
		t.Errorf("a data protection officer closed it: %v", err)
	}
	if err := c.Close(clocks(t, c), officer, "done", now); err != nil {
		t.Fatal(err)
	}
	if err := c.Describe(facts(), adviser, now); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed case was changed: %v", err)
	}
	if err := c.Reopen(officer, "a second mailbox", now); err != nil || c.State != Open {
		t.Errorf("%v", err)
	}
}
