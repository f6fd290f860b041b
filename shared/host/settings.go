package host

import (
	"encoding/json"
	"net"
	"strings"
	"time"

	"github.com/kelseyhightower/envconfig"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/ledger"
)

// RestoreMarker is the file beside the data that keeps a restored copy closed
// until erasures have been replayed (P13).
const RestoreMarker = "restoring"

// Settings are what every function reads from its environment, OKENCE_ before
// each name. What a function reads besides is in its own package.
type Settings struct {
	// Store is the document store: sqlite, dynamodb or firestore.
	Store string `default:"sqlite"`
	// Blob is the object storage: file, s3 or gcs.
	Blob string `default:"file"`
	// Vault is the key management: file, awskms or gcpkms.
	Vault string `default:"file"`
	// Bus carries events between functions: local (all in one process), http,
	// aws or gcp.
	Bus string `default:"local"`
	// BusURL are the receivers of the http bus, each a URL, or TYPE=URL for one
	// type of event.
	BusURL []string `split_words:"true"`
	// Data is the directory of the embedded store and blobs.
	Data string `default:".data/okence"`
	// Keys is the directory of the embedded keys, apart from the data; by
	// default that of the data with ".keys" behind its name.
	Keys string
	// Restoring opens data that a restore has put in place and that nothing
	// else may open yet (RestoreMarker). No variable sets it.
	Restoring bool `ignored:"true"`
	// Policy is a directory of policy packs that are added to those built in.
	Policy string
	// Tenants are the tenants that this deployment serves, with commas.
	Tenants []string `default:"ekc"`
	// LedgerOrigin is before a tenant's name in the name of its log, which
	// should be where it is published (C2SP tlog-tiles): HOST/ledger.
	LedgerOrigin string `split_words:"true" default:"okence.org"`
	// LedgerWitnesses cosign the checkpoints of the processing log: a JSON
	// list of {"url", "key"}.
	LedgerWitnesses Witnesses `split_words:"true"`
	// Log is the least level that is logged: debug, info, warn or error.
	Log string `default:"info"`
	// Concurrency is how many deliveries of events may be under way at once;
	// more are answered 429.
	Concurrency int `default:"128"`
	// Grace is how long a stopping process waits for what is under way.
	Grace time.Duration `default:"10s"`
	// Table, KeysTable and LedgerTable are the DynamoDB tables of documents, of
	// wrapped keys and of the processing log's tree. They are three because
	// their backups are (infra/aws).
	Table       string
	KeysTable   string `split_words:"true"`
	LedgerTable string `split_words:"true"`
	// Bucket is the S3 bucket of bodies and attachments.
	Bucket string
	// KMSKey is the ARN or alias of the KMS key that wraps tenant keys.
	KMSKey string `envconfig:"kms_key"`
	// KMSKeys are keys of tenants' own, each TENANT=KEY, in place of KMSKey. Of
	// several of one tenant the first wraps, and all open.
	KMSKeys []string `envconfig:"kms_keys"`
	// KMSSigningKey is a KMS key of spec ECC_NIST_EDWARDS25519 that signs the
	// checkpoints of the processing log. Without one the log has keys of its
	// own, sealed under the tenants'.
	KMSSigningKey string `envconfig:"kms_signing_key"`
	// S3PathStyle puts the bucket into the path of S3's URLs, as emulators want.
	S3PathStyle bool `envconfig:"s3_path_style"`
	// MailBuckets are the S3 buckets in which SES puts mail that is too long for
	// its notification.
	MailBuckets []string `split_words:"true"`
	// EventBus is the EventBridge bus that carries events.
	EventBus string `split_words:"true"`
	// Operator is the cloud provider's key in the packs' lists of
	// sub-processors; what the platform is, if none: aws or google.
	Operator string
	// Region, BackupRegion and LogRegion are where data, backups and logs lie:
	// a cloud's region, or a country by its ISO 3166-1 code. Region is the
	// platform's own (AWS_REGION), if none; the others are where Region is.
	Region       string
	BackupRegion string `split_words:"true"`
	LogRegion    string `split_words:"true"`
	// MediaHosts allows media to be fetched from further hosts, and from a
	// loopback server in tests.
	MediaHosts []string `split_words:"true"`
	// Clamd is the address of a virus scanner (clamd), host:port or a socket's
	// path. Without one, files stay "unscanned".
	Clamd string
	// SendTo is a server on this machine, HOST:PORT, that takes every call to
	// a provider's send API in its place. It is for tests.
	SendTo string `split_words:"true"`
}

// Witnesses are those of the processing log.
type Witnesses []ledger.Witness

// Decode implements envconfig.Decoder.
func (w *Witnesses) Decode(value string) error { return json.Unmarshal([]byte(value), w) }

// ReadSettings reads and checks the settings. Its errors name the variable and
// say what would be right.
func ReadSettings() (Settings, error) {
	var s Settings
	if err := envconfig.Process("okence", &s); err != nil {
		return s, fault.New(fault.Invalid, "settings: %s", parseText(err))
	}
	return s, s.Check()
}

// parseText tells which variable is malformed, without its value.
func parseText(err error) string {
	if p, ok := err.(*envconfig.ParseError); ok {
		return p.KeyName + " must be a " + p.TypeName
	}
	return err.Error()
}

// Check refuses what can't work, and fills in what follows from the rest.
func (s *Settings) Check() error {
	if s.Keys == "" {
		s.Keys = strings.TrimRight(s.Data, "/") + ".keys"
	}
	for _, c := range []struct{ name, value, set string }{
		{"OKENCE_STORE", s.Store, "sqlite dynamodb firestore"},
		{"OKENCE_BLOB", s.Blob, "file s3 gcs"},
		{"OKENCE_VAULT", s.Vault, "file awskms gcpkms"},
		{"OKENCE_BUS", s.Bus, "local http aws gcp"},
		{"OKENCE_LOG", s.Log, "debug info warn error"},
	} {
		if !contains(strings.Fields(c.set), c.value) {
			return fault.New(fault.Invalid, "settings: %s must be one of: %s", c.name, c.set)
		}
	}
	if s.Concurrency < 1 || s.Concurrency > 10000 {
		return fault.New(fault.Invalid, "settings: OKENCE_CONCURRENCY must be 1 to 10000")
	}
	if s.Grace < 0 || s.Grace > 10*time.Minute {
		return fault.New(fault.Invalid, "settings: OKENCE_GRACE must be 0s to 10m")
	}
	if s.LedgerOrigin == "" {
		s.LedgerOrigin = "okence.org"
	}
	if strings.ContainsAny(s.LedgerOrigin, "+ \t\n") {
		return fault.New(fault.Invalid, "settings: OKENCE_LEDGER_ORIGIN must be a name without spaces and +, such as log.example.org/ledger")
	}
	for _, w := range s.LedgerWitnesses {
		if err := w.Check(); err != nil {
			return fault.New(fault.Invalid, `settings: OKENCE_LEDGER_WITNESSES must be a JSON list of {"url": "https://…", "key": "<name>+<hash>+<base64>"}`).Because(err)
		}
	}
	if host, _, err := net.SplitHostPort(s.SendTo); s.SendTo != "" && (err != nil || !net.ParseIP(host).IsLoopback()) {
		return fault.New(fault.Invalid, "settings: OKENCE_SEND_TO must be an address of this machine, such as 127.0.0.1:9000")
	}
	if len(s.Tenants) == 0 {
		return fault.New(fault.Invalid, "settings: OKENCE_TENANTS names no tenant")
	}
	for _, t := range s.Tenants {
		if !events.ValidTenant(t) {
			return fault.New(fault.Invalid, "settings: OKENCE_TENANTS: a tenant is named by lower-case letters, digits and hyphens")
		}
	}
	if within(s.Keys, s.Data) {
		return fault.New(fault.Invalid, "settings: OKENCE_KEYS lies inside OKENCE_DATA: a copy of the data would hold its keys")
	}
	return nil
}

func contains(set []string, v string) bool {
	for _, s := range set {
		if s == v {
			return true
		}
	}
	return false
}

// origin names a tenant's log in its checkpoints.
func (s Settings) origin(tenant string) string { return s.LedgerOrigin + "/" + tenant }

// within reports whether path is dir or lies below it.
func within(path, dir string) bool {
	path, dir = strings.TrimRight(path, "/"), strings.TrimRight(dir, "/")
	return path == dir || strings.HasPrefix(path, dir+"/")
}
