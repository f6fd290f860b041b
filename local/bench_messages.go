package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/host"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/store"
	"github.com/okence/okence/shared/store/sqlite/rawbench"
	"github.com/okence/okence/shared/work"
)

// served is a whole system on an empty directory, behind a real listener.
type served struct {
	*system
	dir, addr, secret string
	cancel            context.CancelFunc
	ended             chan error
}

func (b *bench) start() (*served, error) {
	dir, err := b.fresh()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	sys, err := startSystem(filepath.Join(dir, "data"), filepath.Join(dir, "keys"), "http://"+l.Addr().String(), &clock{})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	s := &served{system: sys, dir: dir, addr: l.Addr().String(), ended: make(chan error, 1)}
	meta := channel.Name{Channel: message.WhatsApp, Provider: "meta"}
	secrets, err := sys.secrets.find("ekc", meta)
	if err == nil && len(secrets) == 0 {
		err = fmt.Errorf("no secret for %s", meta)
	}
	if err != nil {
		sys.close()
		return nil, errors.Join(err, l.Close())
	}
	s.secret = secrets[0].Text("app_secret")
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go func() { s.ended <- host.Serve(ctx, l, sys.handler(), sys.local.Timeout(), sys.env.Settings.Grace) }()
	return s, nil
}

func (s *served) sender(number int) *sender {
	return &sender{addr: s.addr, tenant: "ekc", secret: s.secret, number: number}
}

// stop ends the system and removes what it wrote.
func (s *served) stop() {
	s.cancel()
	<-s.ended
	s.close()
	_ = os.RemoveAll(s.dir)
}

// readable counts the messages that can be opened in their conversations.
func (s *served) readable() (int64, error) {
	var n int64
	scope := work.Scope{Tenant: "ekc", Function: "inbound", Actor: access.FunctionActor("inbound"), Use: access.Intake}
	all := func(ctx context.Context, u *work.Unit) error {
		n = 0
		return eachPage(ctx, u, record.Conversations, store.Query{Index: record.ByTime, Partition: "conversation"}, func(id string) error {
			return eachMessage(ctx, u, id, func(m *message.Message) {
				if m.Text == text && m.ConversationID == id {
					n++
				}
			})
		})
	}
	_, err := s.env.Work.Run(context.Background(), scope, all)
	return n, err
}

// run is one load on a fresh system.
type run struct {
	perSecond float64
	cpu       time.Duration // of a message
	latencies []time.Duration
}

func (b *bench) load(senders int) (run, error) {
	s, err := b.start()
	if err != nil {
		return run{}, err
	}
	defer s.stop()
	runtime.GC()
	cpu := rawbench.CPU()
	n, took, latencies, err := load(s.addr, s.secret, senders, b.Duration)
	cpu = rawbench.CPU() - cpu
	if err != nil {
		return run{}, err
	}
	there, err := s.readable()
	if err != nil {
		return run{}, err
	}
	if there != n {
		return run{}, fmt.Errorf("%d messages were accepted and %d are readable", n, there)
	}
	return run{perSecond: float64(n) / took.Seconds(), cpu: cpu / time.Duration(max(n, 1)), latencies: latencies}, nil
}

// messages measures durable messages a second and the latency of one sender,
// turn by turn with plain SQLite and with the bare disk.
func (b *bench) messages() error {
	counts := []int{1, 16, 64}
	ours, raw := make([][]float64, len(counts)), make([][]float64, len(counts))
	cpu, rawCPU := make([][]float64, len(counts)), make([][]float64, len(counts))
	var p50, p99, disk []float64
	for range b.Rounds {
		d, err := b.sync()
		if err != nil {
			return err
		}
		disk = append(disk, d)
		for i, senders := range counts {
			per, used, err := b.plain(senders)
			if err != nil {
				return err
			}
			raw[i], rawCPU[i] = append(raw[i], per), append(rawCPU[i], micros(used))
			r, err := b.load(senders)
			if err != nil {
				return err
			}
			ours[i], cpu[i] = append(ours[i], r.perSecond), append(cpu[i], micros(r.cpu))
			if senders == 1 {
				p50, p99 = append(p50, quantile(r.latencies, 0.5)), append(p99, quantile(r.latencies, 0.99))
			}
		}
	}
	for i, senders := range counts {
		f := figure{Name: fmt.Sprintf("durable messages, %d senders", senders), Value: median(ours[i]), Unit: "/s"}.
			over(median(raw[i]), "/s plain SQLite, same rows")
		if senders == 64 {
			f = f.atLeast(0.35)
		}
		b.add(f, figure{Name: fmt.Sprintf("processor time of a message, %d senders", senders), Value: median(cpu[i]), Unit: "µs"}.
			over(median(rawCPU[i]), "µs plain SQLite, same rows"))
	}
	b.add(
		figure{Name: "latency of one sender, p50", Value: median(p50), Unit: "ms"}.over(median(disk), "ms append 4 KiB and fdatasync, p50").atMost(4),
		figure{Name: "latency of one sender, p99", Value: median(p99), Unit: "ms"}.over(median(disk), "ms append 4 KiB and fdatasync, p50"),
		figure{Name: "peak memory of this process, clients and plain SQLite included", Value: peakMemory(), Unit: "MiB"},
	)
	return nil
}

// plain is the limit: the rows of a typical message, in plain SQLite.
func (b *bench) plain(writers int) (perSecond float64, cpu time.Duration, err error) {
	dir, err := b.fresh()
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	runtime.GC()
	return b.typical.raw(dir, writers, b.Duration)
}

// sync is how long the disk takes to append 4 KiB for good: the median, in
// milliseconds.
func (b *bench) sync() (float64, error) {
	f, err := os.Create(filepath.Join(b.dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	page := make([]byte, 4<<10)
	var each []time.Duration
	for began := time.Now(); time.Since(began) < b.Duration/6; {
		at := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := syncData(f); err != nil {
			return 0, err
		}
		each = append(each, time.Since(at))
	}
	return quantile(each, 0.5), nil
}

func micros(d time.Duration) float64 { return d.Seconds() * 1e6 }

// eachPage visits the ids of an index.
func eachPage[T any](ctx context.Context, u *work.Unit, k *record.Kind[T], q store.Query, visit func(id string) error) error {
	q.Limit = store.MaxPage
	for {
		page, err := work.Scan(ctx, u, k, q)
		if err != nil {
			return err
		}
		for _, r := range page.Items {
			if err := visit(k.ID(r)); err != nil {
				return err
			}
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
	}
}

// eachMessage opens the messages of a conversation.
func eachMessage(ctx context.Context, u *work.Unit, conversation string, visit func(*message.Message)) error {
	q := store.Query{Index: record.ByConversation, Partition: conversation, Limit: store.MaxPage}
	for {
		page, err := work.List(ctx, u, record.Messages, q)
		if err != nil {
			return err
		}
		for _, m := range page.Items {
			visit(m)
		}
		if q.Token = page.Next; q.Token == "" {
			return nil
		}
	}
}
