package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/ledger"
)

// sweepSeen is what the story looks at in a sweep.
type sweepSeen struct {
	ID        string               `json:"id"`
	State     retention.SweepState `json:"state"`
	Planned   int                  `json:"planned"`
	Differing int                  `json:"differing"`
	Residue   int                  `json:"residue"`
}

// aSweep: what came on the first day has its year at midnight after 12 January, in
// Ljubljana, and goes; what came later stays (K15).
func (d *demo) aSweep() error {
	fmt.Println("\nChannel data live a year. What came on the first day goes, and a certificate says so.")
	midnight := time.Date(2027, time.January, 12, 23, 0, 0, 0, time.UTC)
	if err := d.wait(midnight.Add(-10 * time.Second).Sub(d.clock.Now())); err != nil {
		return err
	}
	var plan, done sweepSeen
	err := d.call(http.MethodPost, "/v1/sweeps", access.Administrator, map[string]any{"dry_run": true, "as_of": midnight}, &plan)
	if err == nil {
		err = d.wait(9 * time.Second)
	}
	if err == nil {
		err = d.call(http.MethodGet, "/v1/sweeps/"+plan.ID, access.Auditor, nil, &plan)
	}
	if err != nil || plan.State != retention.Frozen || plan.Planned == 0 {
		return fmt.Errorf("a dry run of %d records is %s: %w", plan.Planned, plan.State, err)
	}
	d.say("a dry run freezes what is due at midnight: %d records, none is touched", plan.Planned)
	if _, err := d.find("wamid.demo1"); err != nil {
		return err
	}
	if err := d.wait(6*time.Hour + time.Second); err != nil { // the schedule's period
		return err
	}
	if _, err := d.find("wamid.demo1"); err == nil {
		return errors.New("the first message is still there after its year")
	}
	if _, err := d.find("wamid.demo4"); err != nil {
		return err
	}
	var all struct{ Items []sweepSeen }
	if err := d.call(http.MethodGet, "/v1/sweeps", access.Auditor, nil, &all); err != nil {
		return err
	}
	for _, s := range all.Items {
		if s.State == retention.Finished {
			done = s
			break // the newest
		}
	}
	if done.Planned != plan.Planned || done.Differing != 0 || done.Residue != 0 {
		return fmt.Errorf("the sweep is not what was planned: %+v", done)
	}
	d.say("after midnight the scheduled sweep has taken them with their files and keys; what came in February is there")
	var cert ledger.Certificate
	if err := d.call(http.MethodGet, "/v1/sweeps/"+done.ID+"/certificate", access.Auditor, nil, &cert); err != nil {
		return err
	}
	if _, err := cert.Check(cert.Key); err != nil {
		return err
	}
	d.say("its certificate, checked offline: %d of %d done, residue 0, committed to by the processing log", done.Planned-done.Differing, done.Planned)
	return nil
}
