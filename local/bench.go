package main

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"text/tabwriter"
	"time"
)

// benchCmd measures the system beside the limits of the machine it runs on.
// Absolute figures move with the machine and its load; a ratio to a limit that
// was measured in the same run, turn by turn, holds.
type benchCmd struct {
	Duration time.Duration `help:"Of each run." default:"3s"`
	Rounds   int           `help:"How often each pair of runs takes its turn; medians are given." default:"3"`
	Million  bool          `help:"Also fill stores with a million messages, a million limits and a million documents around one person: some minutes and gigabytes."`
	JSON     bool          `help:"One line of JSON for each figure." name:"json"`
	Dir      string        `help:"Where to write; by default a new directory in .data, on the disk that make run uses." type:"path"`
	Only     string        `help:"Measure the calls of a message and only this besides: messages, events, deadlines, ready, sweep, scope or package." enum:",calls,messages,events,deadlines,ready,sweep,scope,package" default:""`
}

// figure is a line of the table. Where there is a limit, the goal is about the
// ratio of the value to it; else about the value.
type figure struct {
	Name  string  `json:"figure"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Limit float64 `json:"limit,omitempty"`
	Of    string  `json:"limit_of,omitempty"` // what the limit is
	Ratio float64 `json:"ratio,omitempty"`
	Goal  string  `json:"goal,omitempty"` // ">= 0.35" or "<= 4"
	Met   string  `json:"met,omitempty"`  // yes or no
}

// over gives a figure its limit.
func (f figure) over(limit float64, of string) figure {
	f.Limit, f.Of = limit, of
	if limit > 0 {
		f.Ratio = f.Value / limit
	}
	return f
}

func (f figure) atLeast(goal float64) figure { return f.judged(">= ", goal, f.judge() >= goal) }
func (f figure) atMost(goal float64) figure  { return f.judged("<= ", goal, f.judge() <= goal) }

func (f figure) judge() float64 {
	if f.Of != "" {
		return f.Ratio
	}
	return f.Value
}

func (f figure) judged(sign string, goal float64, met bool) figure {
	f.Goal, f.Met = sign+number(goal), "no"
	if met {
		f.Met = "yes"
	}
	return f
}

// Run measures and prints. It fails only if something can't be measured, or if
// what was accepted is not all there: a goal that is missed is a figure.
func (c *benchCmd) Run() error {
	if c.Rounds < 1 || c.Duration <= 0 {
		return fmt.Errorf("--rounds and --duration must be positive")
	}
	parent := cmp.Or(c.Dir, ".data")
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(parent, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Setenv("OKENCE_LOG", "error"); err != nil {
		return err
	}
	b := &bench{benchCmd: c, dir: dir}
	for _, part := range []struct {
		name    string
		measure func() error
	}{{"calls", b.calls}, {"messages", b.messages}, {"events", b.events}, {"deadlines", b.deadlines}, {"ready", b.ready}, {"sweep", b.sweep}, {"scope", b.scope}, {"package", b.packages}} {
		if c.Only != "" && c.Only != part.name && part.name != "calls" || (c.Only == "sweep" || c.Only == "scope" || c.Only == "package") && part.name == "calls" {
			continue // the calls say what a message writes: the others need it
		}
		if err := part.measure(); err != nil { // what has been measured stands
			return errors.Join(fmt.Errorf("%s: %w", part.name, err), c.print(b.figures))
		}
	}
	return c.print(b.figures)
}

// bench is one run of all benchmarks.
type bench struct {
	*benchCmd
	dir     string
	made    int // directories so far
	typical transaction
	figures []figure
}

func (b *bench) add(f ...figure) { b.figures = append(b.figures, f...) }

// fresh is an empty directory that the caller removes.
func (b *bench) fresh() (string, error) {
	b.made++
	dir := filepath.Join(b.dir, strconv.Itoa(b.made))
	return dir, os.Mkdir(dir, 0o700)
}

func (c *benchCmd) print(figures []figure) error {
	if c.JSON {
		for _, f := range figures {
			if err := printLine(f); err != nil {
				return err
			}
		}
		return nil
	}
	fmt.Printf("%d processors, %s, %d rounds of %s; medians; the processor time includes that of the clients, which share the process\n\n",
		runtime.NumCPU(), runtime.Version(), c.Rounds, c.Duration)
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "FIGURE\tVALUE\tLIMIT OF THE SAME RUN\tRATIO\tGOAL\tMET")
	for _, f := range figures {
		limit, ratio := "", ""
		if f.Of != "" {
			limit, ratio = number(f.Limit)+" "+f.Of, strconv.FormatFloat(f.Ratio, 'f', 2, 64)
		}
		fmt.Fprintf(w, "%s\t%s %s\t%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.Unit, limit, ratio, f.Goal, f.Met)
	}
	return w.Flush()
}

// number has three or so digits that mean something.
func number(v float64) string {
	if v == math.Trunc(v) || math.Abs(v) >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// quantile of durations, in milliseconds.
func quantile(d []time.Duration, q float64) float64 {
	if len(d) == 0 {
		return math.NaN()
	}
	d = slices.Sorted(slices.Values(d))
	return d[min(int(q*float64(len(d))), len(d)-1)].Seconds() * 1e3
}

// peakMemory is the greatest resident size that this process has had, in MiB.
func peakMemory() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return math.NaN()
	}
	unit := 1024.0
	if runtime.GOOS == "darwin" { // bytes there, KiB elsewhere
		unit = 1
	}
	return float64(u.Maxrss) * unit / (1 << 20)
}
