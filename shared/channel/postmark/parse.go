package postmark

import (
	"encoding/json"

	"github.com/okence/okence/shared/channel"
)

func (provider) Parse(r channel.Request) channel.Parsed {
	return channel.Parsed{Items: parse(r.Body)}
}

func parse(body []byte) []channel.Item {
	if !json.Valid(body) {
		return parked(body, "json")
	}
	var kind struct {
		RecordType string
	}
	if json.Unmarshal(body, &kind) != nil {
		return parked(body, "shape")
	}
	if kind.RecordType == "" || kind.RecordType == "Inbound" {
		var m letter
		if json.Unmarshal(body, &m) != nil || m.empty() {
			return parked(body, "shape")
		}
		return m.items(body)
	}
	var e event
	if json.Unmarshal(body, &e) != nil {
		return parked(body, "shape")
	}
	return []channel.Item{e.item(body)}
}

func parked(body []byte, code string) []channel.Item {
	return []channel.Item{channel.Park(name, body, code)}
}
