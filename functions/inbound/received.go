package inbound

import (
	"context"
	"slices"
	"time"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/intake"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// item is one thing that a provider told us, on its way to its place.
type item struct {
	message.Inbound
	at      time.Time // receipt: legal limits run from it
	raw     []byte    // the mail itself, to be kept; else nil
	named   string    // keyed hash of its provider id: the id of the message that the provider calls so
	id      string    // of the message it becomes: the same, unless other words had that id before
	aliases []string  // keyed hashes of its further ids
	address []lookup  // of the sender, the likeliest first
}

// received handles message.received. Afterwards the intake record is gone.
func (f *function) received(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.MessageReceived](e)
	if err != nil {
		return err
	}
	in, err := work.Load(ctx, u, record.Intakes, d.Intake)
	if err != nil {
		return err
	}
	raw, err := openRaw(ctx, u, in)
	if err != nil {
		return err
	}
	messages := []message.Inbound{}
	if in.Message != nil {
		messages = append(messages, *in.Message)
	} else if messages, err = remap(in, raw); err != nil {
		return err
	}
	for _, m := range messages {
		it := item{Inbound: m, at: in.ReceivedAt}
		if in.KeepRaw {
			it.raw = raw
		}
		if err := f.place(ctx, u, &it); err != nil {
			return err
		}
	}
	return work.Delete(ctx, u, record.Intakes, in.ID)
}

// openRaw returns the raw part of an intake, where it is needed: a mail that is
// kept, or something that could not be mapped before.
func openRaw(ctx context.Context, u *work.Unit, in *intake.Intake) ([]byte, error) {
	if !in.KeepRaw && in.Message != nil {
		return nil, nil
	}
	raw, err := work.OpenFile(ctx, u, record.Intakes, in.ID, "Raw")
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	return raw, err
}

// remap tries again to map what was parked: the mapping may have been mended
// since.
func remap(in *intake.Intake, raw []byte) ([]message.Inbound, error) {
	p := registry.Lookup(channel.Name{Channel: in.Channel, Provider: in.Provider})
	if p == nil {
		return nil, fault.New(fault.Poison, "no provider %s/%s", in.Channel, in.Provider)
	}
	var out []message.Inbound
	for _, i := range p.Parse(channel.Request{Method: "POST", Body: raw, At: in.ReceivedAt}).Items {
		if i.Parked != "" {
			return nil, fault.New(fault.Poison, "%s", i.Parked)
		}
		out = append(out, i.Message)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Poison, "%s", in.Parked)
	}
	return out, nil
}

// place names the item and takes it where its kind belongs.
func (f *function) place(ctx context.Context, u *work.Unit, it *item) error {
	if err := it.identify(ctx, u); err != nil {
		return err
	}
	if it.Kind == message.Report {
		return f.report(ctx, u, it)
	}
	return f.store(ctx, u, it)
}

// identify computes the ids under which the item and its neighbours are found:
// keyed hashes, the same whenever the same thing comes again.
func (it *item) identify(ctx context.Context, u *work.Unit) error {
	var err error
	if it.named, err = locate.MessageID(ctx, u, it.Channel, it.ProviderID); err != nil {
		return err
	}
	it.id = it.named
	for _, a := range it.Aliases {
		id, err := locate.MessageID(ctx, u, it.Channel, a)
		if err != nil {
			return err
		}
		if id != it.named && !slices.Contains(it.aliases, id) && len(it.aliases) < maxReferences {
			it.aliases = append(it.aliases, id)
		}
	}
	it.address, err = lookups(ctx, u, &it.Inbound)
	return err
}
