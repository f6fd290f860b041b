// Command wire generates the wiring of every function from the one manifest in
// its folder (design.md, decision 15):
//
//	go run ./shared/host/wire          writes what is out of date
//	go run ./shared/host/wire -check   fails if anything is
//	go run ./shared/host/wire -stage FUNCTION DIR
//	                                   lays out DIR for a Google source deploy
//
// From functions/NAME/function.yaml come functions/NAME/manifest_gen.go and
// functions/NAME/main/main.go; from all of them local/wiring_gen.go,
// infra/knative/NAME.yaml, infra/aws/functions.tf.json and the map in README.md, between its two markers.
// The index in infra/decisions/README.md comes from the pages beside it.
//
// A manifest is read strictly. All of its keys:
//
//	name: inbound              the folder: deployable, identity and log field
//	title: Does the job.       one sentence
//	use: intake                the purpose for which it touches personal data (access.Use)
//	timeout: 60s               of one event or request: 1s to 15m (AWS Lambda's greatest)
//	consumes:                  event types that it handles
//	  - type: org.okence.message.received.v1
//	    inline: true           may run within the unit that emits it, in one process
//	emits: [TYPE]              event types that it makes
//	routes: [GET /v1/things]   as net/http writes patterns
//	public: true               its routes face the internet; it then consumes no events,
//	                           whose receiver trusts the network it stands in
//	schedules:                 events that a scheduler sends it, for every tenant
//	  - type: org.okence.relay.due.v1
//	    every: 1m              minutes that divide an hour or hours that divide a day
//	settings:                  environment variables that it reads beside host.Settings
//	  - name: OKENCE_CLAMD     <TENANT>, <CHANNEL> and <PROVIDER> may stand for parts
//	    default: ""
//	    required: false
//	    text: What it does.
//	keeps: [message]           kinds of record that it writes
//	reads: [contact]           kinds of record that it only reads
//	tree: write                how it touches the tree of the processing log: read, write, or not
//	lists: true                whether it lists the object storage
//	mail: true                 whether it sends mail by the cloud's own service
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "folder of the module")
	check := flag.Bool("check", false, "write nothing; fail if anything is out of date")
	stage := flag.String("stage", "", "function to lay out for a Google source deploy, in the folder that follows")
	flag.Parse()
	var err error
	switch {
	case *stage != "" && flag.NArg() == 1:
		err = layOut(*root, *stage, flag.Arg(0))
	case flag.NArg() != 0 || *stage != "":
		flag.Usage()
		os.Exit(2)
	default:
		err = generate(*root, *check, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "wire:", err)
		os.Exit(1)
	}
}

// generate brings the generated files of a module up to date, or, to check,
// fails at the first that is not.
func generate(root string, check bool, out io.Writer) error {
	all, err := readAll(root)
	if err != nil {
		return err
	}
	files, err := render(root, all)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(root, f.path)
		old, err := os.ReadFile(path)
		if err == nil && bytes.Equal(old, f.text) {
			continue
		}
		if check {
			return fmt.Errorf("%s is out of date: run go run ./shared/host/wire", f.path)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return err
		}
		fmt.Fprintln(out, "wrote", f.path)
	}
	return strays(root, all, check, out)
}

// strays are generated files whose function is gone.
func strays(root string, all []*manifest, check bool, out io.Writer) error {
	known := map[string]bool{}
	for _, m := range all {
		known[m.Name] = true
	}
	var gone []string
	knative, _ := filepath.Glob(filepath.Join(root, "infra/knative/*.yaml"))
	for _, path := range knative {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.Base(path)
		if bytes.HasPrefix(text, []byte("# "+generated)) && !known[name[:len(name)-len(".yaml")]] {
			gone = append(gone, path)
		}
	}
	for _, path := range gone {
		if check {
			return fmt.Errorf("%s belongs to no function: run go run ./shared/host/wire", path)
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		fmt.Fprintln(out, "removed", path)
	}
	return nil
}
