package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/dossier"
	"github.com/okence/okence/shared/ledger"
)

type certificateCmd struct {
	File string `arg:"" help:"A certificate: of a sweep, as /v1/sweeps/{id}/certificate or sweep --out gives it, or of a person's erasure, as /v1/requests/{id}/certificate gives it; - is standard input."`
	Key  string `help:"The log's public key, held outside. Without it, the one in the file is taken, which proves less."`
}

// Run checks a certificate of deletion offline: of a sweep, or of a person's
// erasure.
func (c *certificateCmd) Run() error {
	b, err := readFile(c.File)
	if err != nil {
		return err
	}
	var both struct {
		ledger.Certificate
		Erasure json.RawMessage `json:"certificate"`
	}
	if err := json.Unmarshal(b, &both); err != nil {
		return errors.New("not a certificate")
	}
	key := c.Key
	if key == "" {
		key = both.Key
		fmt.Fprintf(os.Stderr, "okence: the key is the file's own: compare %s with the published one, or give --key\n", key)
	}
	if both.Erasure != nil {
		return checkErasure(b, key)
	}
	return checkSweep(both.Certificate, key)
}

func checkSweep(cert ledger.Certificate, key string) error {
	checkpoint, err := cert.Check(key)
	if err != nil {
		return err
	}
	var body retention.Certificate
	if err := json.Unmarshal(cert.Body, &body); err != nil {
		return errors.New("the certificate's body can't be read")
	}
	fmt.Printf("holds: sweep %s of %s, as of %s, is committed to by the log %s at size %d\n", body.Sweep, body.Tenant, body.AsOf.Format(time.RFC3339), checkpoint.Origin, checkpoint.Size)
	for _, p := range body.Policies {
		fmt.Printf("  %-24s %-14s planned %d, done %d, with %d   %s\n", p.Rule, p.Kind, p.Planned, p.Results[retention.Done], p.With, p.Clause)
	}
	fmt.Printf("  plan %s\n  done %s\n  %d not done as planned, %d persons gone, %d keys destroyed, residue %d in %d places\n",
		body.PlanHash, body.ExecutedHash, body.Differing, body.Persons, body.Keys, body.Residue.Found, body.Residue.Searched)
	return nil
}

// checkErasure checks the certificate of a person's erasure: its digest stands in an
// entry of the processing log, whose content and place are proved.
func checkErasure(b []byte, key string) error {
	var p dossier.Proved
	if err := json.Unmarshal(b, &p); err != nil {
		return errors.New("not a certificate")
	}
	if p.Entry == nil {
		return errors.New("the log has not sequenced the erasure yet: fetch the certificate again within the hour")
	}
	if err := dossier.CheckProved(p, ledger.Keys{Log: key}); err != nil {
		return err
	}
	cert := p.Certificate
	fmt.Printf("holds: the erasure of request %s of %s, %s, is noted in the log\n", cert.Request, cert.Tenant, cert.At.Format(time.RFC3339))
	for _, kind := range slices.Sorted(maps.Keys(cert.Erased)) {
		fmt.Printf("  %-14s %d\n", kind, cert.Erased[kind])
	}
	fmt.Printf("  planned %d, with %d, %d keys destroyed, residue %d in %d places\n", cert.Planned, cert.Along, cert.Keys, cert.Residue, cert.Searched)
	for _, s := range cert.Stays {
		fmt.Printf("  stays: %s (%s), %s\n", s.What, s.Why, s.Until)
	}
	return nil
}
