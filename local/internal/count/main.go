// Command count runs `go test` and ends with a plain count of what passed,
// failed and was skipped. Of the tests' output it shows failures and the reasons
// of skips, and a line a package.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// event is a line of `go test -json` (cmd/test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

func main() {
	args := os.Args[1:]
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: count -- go test [flags] packages")
		os.Exit(2)
	}
	cmd := exec.Command(args[0], slices.Insert(slices.Clone(args[1:]), 1, "-json")...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	passed, failed, skipped := read(bufio.NewScanner(out))
	err = cmd.Wait()
	if err != nil && failed == 0 {
		failed++ // a package that does not build, or a run that was cut off
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
	if failed > 0 {
		os.Exit(1)
	}
}

func read(lines *bufio.Scanner) (passed, failed, skipped int) {
	lines.Buffer(nil, 16<<20)
	output := map[string][]string{}
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text())
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			output[key] = append(output[key], e.Output)
		case "build-fail":
			fmt.Print(strings.Join(output[key], ""))
		case "pass", "fail", "skip":
			if e.Test == "" && e.Action == "skip" {
				continue // a package without tests
			}
			if e.Test == "" {
				fmt.Printf("%-5s %6.1fs  %s\n", e.Action, e.Elapsed, e.Package)
				if e.Action == "fail" {
					fmt.Print(strings.Join(output[key], ""))
				}
				continue
			}
			if e.Action != "pass" {
				fmt.Print(strings.Join(output[key], ""))
			}
			delete(output, key)
			switch e.Action {
			case "pass":
				passed++
			case "fail":
				failed++
			case "skip":
				skipped++
			}
		}
	}
	return passed, failed, skipped
}
