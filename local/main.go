// Command okence runs the whole system on one machine, and does by hand what
// its operators need: tokens, signed test calls, limits, identifiers, severity,
// policy packs.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// cli is the command line: contract.md, "The command".
type cli struct {
	Serve       serveCmd       `cmd:"" help:"Run all functions in one process on embedded defaults."`
	Token       tokenCmd       `cmd:"" help:"Print a development access token."`
	Export      exportCmd      `cmd:"" help:"Write the access package of a granted request to a file."`
	Send        sendCmd        `cmd:"" help:"Sign a file as a messaging provider would, and post it."`
	Due         dueCmd         `cmd:"" help:"Compute a legal limit, with its steps and articles."`
	Detect      detectCmd      `cmd:"" help:"Find personal identifiers in standard input; values are never printed."`
	Severity    severityCmd    `cmd:"" help:"Score a personal data breach by the ENISA method."`
	Policy      policyCmd      `cmd:"" help:"Check, explain and list policy packs."`
	Sweep       sweepCmd       `cmd:"" help:"Delete and anonymise what is out of its retention."`
	Certificate certificateCmd `cmd:"" help:"Check a certificate of deletion offline."`
	Backup      backupCmd      `cmd:"" help:"Copy the data, and apart from them the keys."`
	GiveBack    giveBackCmd    `cmd:"" name:"give-back" help:"Return to a controller what was kept under a contract that has ended."`
	Restore     restoreCmd     `cmd:"" help:"Bring a copy of the data back; it opens once all erasures have been replayed."`
	Ledger      ledgerCmd      `cmd:"" help:"Check, prove and show the processing log."`
	Demo        demoCmd        `cmd:"" help:"Play a year at the contact centre on a manual clock."`
	Bench       benchCmd       `cmd:"" help:"Measure, as ratios to limits of the same run."`

	kong.Plugins
}

// plugins are verbs that only some builds have (-tags awslocal).
var plugins kong.Plugins

func main() {
	var c cli
	c.Plugins = plugins
	k := kong.Parse(&c, kong.Name("okence"),
		kong.Description("The backend of a public-service contact centre, with data-protection law built in."),
		kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "okence:", err)
		os.Exit(1)
	}
}
