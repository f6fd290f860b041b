package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/domain/audit"
	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/ledger"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

type sweepCmd struct {
	Tenant   string    `help:"Tenant." default:"ekc"`
	AsOf     time.Time `help:"What is due at this instant, RFC 3339; now if none. A time ahead of the clock needs --dry-run."`
	DryRun   bool      `help:"Freeze a plan and change nothing else."`
	Plan     string    `help:"Execute this frozen plan, each record checked again." placeholder:"ID"`
	Release  string    `help:"Release the brake of this sweep." placeholder:"ID"`
	As       string    `help:"Who asks: an opaque id, noted in the log." default:"operator"`
	Out      string    `help:"Write the certificate to this file." type:"path" placeholder:"FILE"`
	Contract string    `help:"Only what stands under this contract, which has ended." placeholder:"ID"`
	JSON     bool      `help:"The sweep as one line of JSON, and no bar." name:"json"`
	server
}

// Run does a sweep in this process, on the data directory: a server may run
// beside it, whose clock counts.
func (c *sweepCmd) Run() error {
	if c.Plan != "" && (c.DryRun || !c.AsOf.IsZero() || c.Release != "") {
		return errors.New("--plan stands alone: the plan says what and when")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	now, wall := c.now(), time.Now()
	s, err := startSystem(c.Data, c.keys(), c.Server, &clock{manual: true, at: now})
	if err != nil {
		return err
	}
	defer s.close()
	if !s.env.Tenants[c.Tenant] {
		return fmt.Errorf("tenant %s is not served here", c.Tenant)
	}
	id, err := c.start(ctx, s)
	if err != nil {
		return err
	}
	sweep, err := c.watch(ctx, s, id, now, wall)
	if err != nil {
		return err
	}
	return c.report(ctx, s, sweep)
}

// start begins the sweep, or moves one that waits.
func (c *sweepCmd) start(ctx context.Context, s *system) (id string, err error) {
	scope := work.Scope{
		Tenant: c.Tenant, Function: "sweep", Actor: access.Actor{ID: c.As, Role: access.Administrator}, Use: access.Operation,
		Source: "/local/sweep", ID: strings.ToLower(rand.Text()),
	}
	_, err = s.env.Work.Run(ctx, scope, func(ctx context.Context, u *work.Unit) error {
		var sweep *retention.Sweep
		var err error
		switch waiting := c.Plan + c.Release; waiting {
		case "":
			if id, err = u.NewID(ctx, "sweep"); err == nil {
				if sweep, err = retention.NewSweep(id, c.DryRun, c.AsOf, c.As, u.Now()); err == nil {
					sweep.Contract = c.Contract
				}
			}
		default:
			if sweep, err = work.Load(ctx, u, record.Sweeps, waiting); err != nil {
				return err
			}
			if id = sweep.ID; c.Plan != "" {
				err = sweep.Execute(c.As, u.Now())
			} else {
				err = sweep.Release(c.As, u.Now())
			}
		}
		if err != nil {
			return err
		}
		work.Save(u, record.Sweeps, sweep)
		u.Note(audit.Manage, "", audit.Item{Kind: record.Sweeps.Name, ID: id})
		return u.Emit(ctx, id, &events.RetentionSweepMoved{SweepID: id, Round: sweep.Round})
	})
	return id, err
}

// watch follows the sweep until it stands still. The clock goes on as the wall's.
func (c *sweepCmd) watch(ctx context.Context, s *system, id string, now, wall time.Time) (*retention.Sweep, error) {
	var sweep *retention.Sweep
	for {
		s.clock.set(now.Add(time.Since(wall)))
		_, err := s.env.Work.Run(ctx, work.Scope{Tenant: c.Tenant, Function: "sweep", Actor: access.FunctionActor("sweep"), Use: access.Operation},
			func(ctx context.Context, u *work.Unit) (err error) {
				sweep, err = work.Peek(ctx, u, record.Sweeps, id)
				return err
			})
		if err != nil {
			return nil, err
		}
		if !c.JSON {
			bar(os.Stderr, sweep)
		}
		if !sweep.Active() {
			if !c.JSON {
				fmt.Fprintln(os.Stderr)
			}
			return sweep, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("left off: sweep %s goes on with the server, or with its next schedule", id)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// bar draws how far a sweep has come.
func bar(w io.Writer, s *retention.Sweep) {
	const width = 40
	if s.State == retention.Planning {
		fmt.Fprintf(w, "\rplanning  %d records so far        ", s.Planned)
		return
	}
	share := 1.0
	if s.Planned > 0 {
		share = float64(s.Treated) / float64(s.Planned)
	}
	n := int(share * width)
	fmt.Fprintf(w, "\r%-9s [%s%s] %d of %d", s.State, strings.Repeat("#", n), strings.Repeat(".", width-n), s.Treated, s.Planned)
}

func (c *sweepCmd) report(ctx context.Context, s *system, sweep *retention.Sweep) error {
	var cert *ledger.Certificate
	if sweep.State == retention.Finished {
		issued, err := s.env.Ledger.Issue(ctx, c.Tenant, sweep.Body, sweep.Leaf)
		if err != nil {
			return err
		}
		cert = &issued
	}
	if c.Out != "" && cert != nil {
		b, err := json.MarshalIndent(cert, "", "  ")
		if err == nil {
			err = os.WriteFile(c.Out, append(b, '\n'), 0o600)
		}
		if err != nil {
			return err
		}
	}
	pack, err := s.env.Policy.ForTenant(c.Tenant)
	if err != nil {
		return err
	}
	policies := sweep.Policies(func(rule string) string { return pack.RetentionClause(rule, sweep.StartedAt) })
	if c.JSON {
		return printLine(struct {
			ID           string                 `json:"id"`
			State        retention.SweepState   `json:"state"`
			AsOf         time.Time              `json:"as_of"`
			Planned      int                    `json:"planned"`
			Treated      int                    `json:"treated"`
			Differing    int                    `json:"differing"`
			Persons      int                    `json:"persons"`
			Keys         int                    `json:"keys"`
			Residue      int                    `json:"residue"`
			PlanHash     retention.Chain        `json:"plan_hash"`
			ExecutedHash retention.Chain        `json:"executed_hash"`
			Policies     []retention.PolicyDone `json:"policies"`
		}{sweep.ID, sweep.State, sweep.AsOf, sweep.Planned, sweep.Treated, sweep.Differing, sweep.People, sweep.Keys, sweep.Residue, sweep.PlanHash, sweep.ExecutedHash, policies})
	}
	fmt.Printf("sweep %s: %s, as of %s\n", sweep.ID, sweep.State, sweep.AsOf.Format(time.RFC3339))
	for _, p := range policies {
		fmt.Printf("  %-24s %-14s planned %d, done %d, with %d   %s\n", p.Rule, p.Kind, p.Planned, p.Results[retention.Done], p.With, p.Clause)
	}
	fmt.Printf("  plan     %s\n", sweep.PlanHash)
	switch sweep.State {
	case retention.Frozen:
		fmt.Printf("  execute it with: okence sweep --tenant %s --plan %s\n", c.Tenant, sweep.ID)
	case retention.Braked:
		fmt.Printf("  far larger than usual: release it with okence sweep --tenant %s --release %s\n", c.Tenant, sweep.ID)
	default:
		fmt.Printf("  executed %s\n  %d not done as planned, %d persons gone, %d keys destroyed, residue %d\n", sweep.ExecutedHash, sweep.Differing, sweep.People, sweep.Keys, sweep.Residue)
	}
	return nil
}
