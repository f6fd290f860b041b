package breach

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func let(t testing.TB, c *Case, r Release, now time.Time) ([]string, error) {
	t.Helper()
	if r.By.ID == "" {
		r.By = officer
	}
	if r.Reason == "" {
		r.Reason = "ready"
	}
	return c.Let(r, terms(t)[r.Relation], clocks(t, c), now)
}

func TestANoticeIsRefusedWithWhatItLacks(t *testing.T) {
	now := friday.Add(2 * time.Hour)
	for _, tc := range []struct {
		name   string
		to     Addressee
		rel    string
		change func(*Form)
		want   []string
		phased bool // it may go in phases
	}{
		{"nothing is lacking", ToController, "mob", func(*Form) {}, nil, true},
		{"the contact that the sources forget", ToController, "mob", func(f *Form) { f.Contact = Contact{} }, []string{"contact"}, false},
		{"a contact without a way to reach it", ToController, "mob", func(f *Form) { f.Contact = Contact{Name: "DPO"} }, []string{"contact"}, false},
		{"the nature", ToOther, "ekc", func(f *Form) { f.Facts.Nature = "" }, []string{"nature"}, false},
		{"categories and numbers", ToController, "mob", func(f *Form) {
			f.Facts.PersonCategories, f.Facts.Persons, f.Facts.DataCategories, f.Facts.Records = nil, 0, nil, 0
		}, []string{"person_categories", "persons", "data_categories", "records"}, true},
		{"consequences and measures", ToController, "mob", func(f *Form) { f.Facts.Consequences, f.Facts.Measures = "", "" }, []string{"consequences", "measures"}, true},
		{"measures that are only proposed suffice", ToController, "mob", func(f *Form) { f.Facts.Measures, f.Facts.Preventive = "", "more filters" }, nil, true},
		{"the awareness", ToController, "mob", func(f *Form) { f.AwareAt = time.Time{} }, []string{"aware_at"}, false},
		{"persons are told in plain language", ToPersons, "", func(f *Form) { f.Facts.PersonsText = "" }, []string{"persons_text"}, false},
		{"the notice to persons has no phases", ToPersons, "", func(f *Form) { f.Facts.Measures = "" }, []string{"measures"}, false},
		{"purpose and time of the contact (K27)", ToPlan, "ekc", func(*Form) {}, []string{"contact_purpose", "contact_at"}, false},
	} {
		c := newCase(t)
		f := form(c)
		tc.change(&f)
		missing, err := let(t, c, Release{To: tc.to, Relation: tc.rel, Form: f, NoticeID: "n1", No: 1}, now)
		if !slices.Equal(missing, tc.want) || (len(tc.want) > 0) != errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: missing %v, %v; want %v", tc.name, missing, err, tc.want)
		}
		if len(tc.want) == 0 {
			continue
		}
		if len(c.Done) > 0 || len(c.Decisions) > 0 {
			t.Errorf("%s: refused, and yet something was done", tc.name)
		}
		missing, err = let(t, c, Release{To: tc.to, Relation: tc.rel, Form: f, Phased: true, NoticeID: "n1", No: 1}, now)
		if tc.phased && !slices.Contains(missing, "follow_up_at") {
			t.Errorf("%s: phased without a day for the rest: %v, %v", tc.name, missing, err)
		}
		_, err = let(t, c, Release{To: tc.to, Relation: tc.rel, Form: f, Phased: true, FollowUpAt: now.Add(48 * time.Hour), NoticeID: "n1", No: 1}, now)
		if tc.phased != (err == nil) {
			t.Errorf("%s: phased: %v, want it to pass: %v", tc.name, err, tc.phased)
		}
		if tc.phased && clock(t, c, "breach.follow_up.1").State != Due {
			t.Errorf("%s: nothing is left due", tc.name)
		}
	}
}

func TestTheFollowUpIsDoneByTheNextNotice(t *testing.T) {
	c := newCase(t)
	now := friday.Add(2 * time.Hour)
	f := form(c)
	f.Facts.Persons = 0
	if _, err := let(t, c, Release{To: ToController, Relation: "mob", Form: f, Phased: true, FollowUpAt: now.Add(24 * time.Hour), NoticeID: "n1", No: 1}, now); err != nil {
		t.Fatal(err)
	}
	if k := clock(t, c, "breach.controller.mob"); k.State != Kept || k.Late {
		t.Errorf("the first phase keeps the limit: %+v", k)
	}
	if _, err := let(t, c, Release{To: ToController, Relation: "mob", Form: form(c), NoticeID: "n2", No: 2}, now.Add(25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if k := clock(t, c, "breach.follow_up.1"); k.State != Kept || !k.Late {
		t.Errorf("done, an hour late: %+v", k)
	}
}

func TestALateNoticeSaysWhy(t *testing.T) {
	end := friday.Add(72 * time.Hour)
	for _, tc := range []struct {
		name string
		now  time.Time
		late bool
	}{{"a second before the end", end.Add(-time.Second), false}, {"at the end", end, true}} {
		c := newCase(t)
		missing, err := let(t, c, Release{To: ToAuthority, Relation: "ekc", Form: form(c), NoticeID: "n1", No: 1}, tc.now)
		if tc.late != errors.Is(err, ErrIncomplete) || tc.late != slices.Equal(missing, []string{"late_reasons"}) {
			t.Errorf("%s: %v, %v", tc.name, missing, err)
		}
		if !tc.late {
			continue
		}
		f := form(c)
		f.LateReasons = "the log had to be restored"
		if _, err := let(t, c, Release{To: ToAuthority, Relation: "ekc", Form: f, NoticeID: "n1", No: 1}, tc.now); err != nil {
			t.Fatal(err)
		}
		if k := clock(t, c, "breach.authority.ekc"); !k.Late {
			t.Error("late, and not on record")
		}
	}
}

func TestTheOtherPartyIsToldBeforeTheAuthorityIsContacted(t *testing.T) {
	c := newCase(t)
	now := friday.Add(2 * time.Hour)
	if _, err := let(t, c, Release{To: ToAuthority, Relation: "ekc", Form: form(c), NoticeID: "n1", No: 1}, now); !errors.Is(err, ErrTellFirst) {
		t.Fatalf("the authority was contacted first: %v", err)
	}
	f := form(c)
	f.ContactPurpose, f.ContactAt = "notice of a breach", now.Add(time.Hour)
	if _, err := let(t, c, Release{To: ToPlan, Relation: "ekc", Form: f, NoticeID: "n0"}, now); err != nil {
		t.Fatal(err)
	}
	if _, err := let(t, c, Release{To: ToAuthority, Relation: "ekc", Form: form(c), NoticeID: "n1", No: 1}, now); err != nil {
		t.Errorf("told, and the gate is shut: %v", err)
	}

	c = newCase(t)
	last := friday.Add(time.Duration(float64(72*time.Hour) * 0.9))
	if c.Gate("ekc", terms(t)["ekc"], clocks(t, c), last.Add(-time.Second)) {
		t.Error("open a second before the last warning")
	}
	if !c.Gate("ekc", terms(t)["ekc"], clocks(t, c), last) {
		t.Error("the gate holds up the 72 hours")
	}
}

func TestWhereWeAreProcessorOnlyTheControllerIsTold(t *testing.T) {
	now := friday.Add(2 * time.Hour)
	for _, to := range []Addressee{ToAuthority, ToOther, ToPlan} {
		if _, err := let(t, newCase(t), Release{To: to, Relation: "mob", Form: Form{}}, now); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s: %v", to, err)
		}
	}
	c := newCase(t, func(r *Report) { r.Relations = r.Relations[1:] })
	if _, err := let(t, c, Release{To: ToPersons, Form: form(c)}, now); !errors.Is(err, ErrNotOurs) {
		t.Errorf("a processor told the persons: %v", err)
	}
	if _, err := let(t, newCase(t), Release{To: ToController, Relation: "mob", Form: form(newCase(t)), By: dpo}, now); !errors.Is(err, ErrOfficer) {
		t.Errorf("released by somebody else: %v", err)
	}
}

func TestJointControllersAgreeOrNotifyJointlyOrEachByItself(t *testing.T) {
	now := friday.Add(2 * time.Hour)
	other := Person{"user-body", "peer"}
	say := func(c *Case, p Part) {
		t.Helper()
		if err := c.Say("ekc", p, officer, "our mailbox", now); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(c *Case, p Part) {
		t.Helper()
		if err := c.Hear("ekc", p, other, "", now); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("both say that it is theirs: they notify", func(t *testing.T) {
		c := newCase(t)
		say(c, Theirs)
		if k := clock(t, c, "breach.authority.ekc"); k.State != Due {
			t.Error("our word alone ends nothing")
		}
		hear(c, Ours.Mirror())
		if k := clock(t, c, "breach.authority.ekc"); k.State != Ended {
			t.Errorf("%+v", k)
		}
		if k := clock(t, c, "breach.agree.ekc"); k.State != Kept {
			t.Errorf("%+v", k)
		}
	})
	t.Run("both say that it is ours: we notify", func(t *testing.T) {
		c := newCase(t)
		say(c, Ours)
		hear(c, Theirs.Mirror())
		if k := clock(t, c, "breach.authority.ekc"); k.State != Due || c.Agreement("ekc").State != Agreed {
			t.Errorf("%+v, %+v", k, c.Agreement("ekc"))
		}
	})
	t.Run("they differ: nothing is agreed", func(t *testing.T) {
		c := newCase(t)
		say(c, Theirs)
		hear(c, Theirs.Mirror())
		if c.Agreement("ekc").State != Unsettled {
			t.Errorf("%+v", c.Agreement("ekc"))
		}
	})
	t.Run("time is over: a joint notice falls due, and does for the authority", func(t *testing.T) {
		c := newCase(t)
		if !c.Lapse("ekc", friday.Add(24*time.Hour)) || c.Lapse("ekc", friday.Add(25*time.Hour)) {
			t.Error("lapses once")
		}
		if k := clock(t, c, "breach.joint_notice.ekc"); k.State != Due || !k.EndAt.Equal(friday.Add(72*time.Hour)) {
			t.Errorf("%+v", k)
		}
		later := friday.Add(70 * time.Hour)
		if _, err := let(t, c, Release{To: ToAuthority, Joint: true, Relation: "ekc", Form: form(c), NoticeID: "n1", No: 1}, later); err != nil {
			t.Fatal(err)
		}
		if k := clock(t, c, "breach.authority.ekc"); k.State != Kept || k.Late {
			t.Errorf("%+v", k)
		}
	})
	t.Run("no joint notice either: each its own", func(t *testing.T) {
		c := newCase(t)
		if c.Fail("ekc", officer, now) {
			t.Error("fails before it was due")
		}
		c.Lapse("ekc", friday.Add(24*time.Hour))
		if !c.Fail("ekc", officer, friday.Add(65*time.Hour)) {
			t.Error("it did not fail")
		}
		if has(t, c, "breach.joint_notice.ekc") || clock(t, c, "breach.authority.ekc").State != Due {
			t.Error("each notifies by itself, within the same limit")
		}
		hear(c, Ours)
		if c.Agreement("ekc").State != EachOwn {
			t.Error("an agreement that comes too late changes nothing")
		}
	})
	if err := newCase(t).Say("mob", Ours, officer, "x", now); !errors.Is(err, ErrNotOurs) {
		t.Errorf("a processor agreed on parts: %v", err)
	}
}

func TestWhatWasMissedStaysOnRecord(t *testing.T) {
	c := newCase(t)
	if !c.Tell("breach.authority.ekc", "due", friday) || c.Tell("breach.authority.ekc", "due", friday) || len(c.Told) != 1 {
		t.Errorf("%+v", c.Told)
	}
}
