// Package obs is what may be seen of a running system: logs and metrics, with
// no personal data in either.
//
// A log line is a constant sentence and attributes from an allow-list; any
// other attribute is dropped, and counted, so that one added in haste tells
// nobody anything. A metric's labels are closed sets.
package obs

import (
	"context"
	"io"
	"log/slog"

	"github.com/VictoriaMetrics/metrics"
)

// Allowed are the attributes a log line may have: ids, kinds, states, counts
// and times.
var Allowed = map[string]bool{
	"tenant": true, "function": true, "type": true, "event": true, "kind": true, "error": true,
	"channel": true, "provider": true, "status": true, "route": true, "method": true, "count": true, "attempt": true,
	"duration": true, "panic": true, "stack": true, "addr": true, "form": true, "version": true, "setting": true,
	"path": true, "url": true, "role": true, "reason": true, "state": true, "now": true, "rule": true, "pack": true,
}

var dropped = metrics.NewCounter("okence_log_attributes_dropped_total")

// NewLogger returns a logger that writes JSON lines with allowed attributes.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(&gate{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

// Discard logs nothing.
func Discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// gate lets allowed attributes through.
type gate struct{ next slog.Handler }

func (g *gate) Enabled(ctx context.Context, l slog.Level) bool { return g.next.Enabled(ctx, l) }

func (g *gate) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if pass(a) {
			out.AddAttrs(a)
		}
		return true
	})
	return g.next.Handle(ctx, out)
}

func (g *gate) WithAttrs(as []slog.Attr) slog.Handler {
	var kept []slog.Attr
	for _, a := range as {
		if pass(a) {
			kept = append(kept, a)
		}
	}
	return &gate{g.next.WithAttrs(kept)}
}

func (g *gate) WithGroup(string) slog.Handler { return g }

func pass(a slog.Attr) bool {
	if Allowed[a.Key] {
		return true
	}
	dropped.Inc()
	return false
}

// WriteMetrics writes all metrics in the Prometheus text format.
func WriteMetrics(w io.Writer) { metrics.WritePrometheus(w, true) }

// Count adds one to a counter. Labels come in pairs and must be from closed
// sets: tenant, channel, provider, function, kind, status.
func Count(name string, labels ...string) { metrics.GetOrCreateCounter(series(name, labels)).Inc() }

// Observe adds a duration in seconds to a histogram.
func Observe(name string, seconds float64, labels ...string) {
	metrics.GetOrCreateHistogram(series(name, labels)).Update(seconds)
}

// Set puts a gauge to a value. Labels as for Count.
func Set(name string, value float64, labels ...string) {
	metrics.GetOrCreateGauge(series(name, labels), nil).Set(value)
}

// Value returns a counter's value, for tests and alarms.
func Value(name string, labels ...string) uint64 {
	return metrics.GetOrCreateCounter(series(name, labels)).Get()
}

func series(name string, labels []string) string {
	if len(labels) == 0 {
		return name
	}
	b := append([]byte(name), '{')
	for i := 0; i+1 < len(labels); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, labels[i]...)
		b = append(b, '=', '"')
		for _, c := range []byte(labels[i+1]) {
			if c == '"' || c == '\\' || c < ' ' {
				c = '_'
			}
			b = append(b, c)
		}
		b = append(b, '"')
	}
	return string(append(b, '}'))
}
