package standin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// batchSize is that of the event source mappings in infra/aws.
const batchSize = 10

// Run pumps queues and fires schedules by the wall clock until ctx ends.
func (s *Standin) Run(ctx context.Context) {
	next := time.Now()
	for ctx.Err() == nil {
		if !time.Now().Before(next) {
			next = time.Now().Truncate(time.Minute).Add(time.Minute)
			if err := s.Tick(); err != nil {
				fmt.Fprintln(s.o.Log, "standin: a schedule's call failed:", err)
			}
		}
		n, err := s.Pump(ctx)
		if err != nil {
			fmt.Fprintln(s.o.Log, "standin:", err)
		}
		if n == 0 {
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}
}

// Settle does all that is due at the clock's instant: every schedule fires once,
// and every event that follows is handled or in a dead-letter queue.
func (s *Standin) Settle(ctx context.Context) error {
	if err := s.Drain(ctx); err != nil {
		return err
	}
	return errors.Join(s.Tick(), s.Drain(ctx))
}

// Drain pumps until no message waits.
func (s *Standin) Drain(ctx context.Context) error {
	for {
		n, err := s.Pump(ctx)
		if n == 0 || err != nil {
			return err
		}
	}
}

// Tick invokes every function for each of its schedules whose period has passed
// since it ran, as EventBridge Scheduler does.
func (s *Standin) Tick() error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		f := s.functions[name]
		for _, word := range slices.Sorted(maps.Keys(f.manifest.Schedules)) {
			now, each := s.clock.Now(), f.manifest.Schedules[word]
			if last, ran := s.ran[each.Type]; ran && now.Sub(last) < time.Duration(each.Seconds)*time.Second {
				continue
			}
			s.ran[each.Type] = now
			payload, err := json.Marshal(map[string]any{"schedule": each.Type, "time": now})
			if err == nil {
				_, err = f.process.Invoke(payload, f.limit)
			}
			if err != nil { // Scheduler tries again
				_, err = f.process.Invoke(payload, f.limit)
			}
			if err != nil {
				all = append(all, fmt.Errorf("%s, schedule %s: %w", name, word, err))
			}
		}
	}
	return errors.Join(all...)
}

// Pump hands each queue's next batch to its function, and returns how many
// messages there were.
func (s *Standin) Pump(ctx context.Context) (n int, err error) {
	for _, name := range slices.Sorted(maps.Keys(s.functions)) {
		f := s.functions[name]
		if f.deployed.Queue == "" {
			continue
		}
		m, failed := s.batch(ctx, f)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("the queue of %s: %w", name, failed))
		}
		n += m
	}
	return n, err
}

func (s *Standin) batch(ctx context.Context, f *function) (int, error) {
	out, err := s.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &f.deployed.Queue, MaxNumberOfMessages: batchSize,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil || len(out.Messages) == 0 {
		return 0, err
	}
	records := make([]map[string]any, len(out.Messages))
	for i, m := range out.Messages {
		records[i] = map[string]any{
			"messageId": m.MessageId, "receiptHandle": m.ReceiptHandle, "body": m.Body, "attributes": m.Attributes,
			"eventSource": "aws:sqs", "awsRegion": Region,
		}
	}
	payload, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		return 0, err
	}
	answer, invoked := f.process.Invoke(payload, f.limit)
	var report struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if invoked == nil {
		invoked = json.Unmarshal(answer, &report)
	}
	failed := map[string]bool{}
	for _, b := range report.BatchItemFailures {
		failed[b.ItemIdentifier] = true
	}
	for _, m := range out.Messages {
		if invoked != nil || failed[aws.ToString(m.MessageId)] {
			_, err = s.queues.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{QueueUrl: &f.deployed.Queue, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 0})
		} else {
			_, err = s.queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &f.deployed.Queue, ReceiptHandle: m.ReceiptHandle})
		}
		if err != nil {
			return 0, err
		}
	}
	return len(out.Messages), nil
}

// Dead is how many messages wait in dead-letter queues.
func (s *Standin) Dead(ctx context.Context) (int, error) {
	n := 0
	for _, f := range s.functions {
		if f.deployed.Dead == "" {
			continue
		}
		out, err := s.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &f.deployed.Dead, MaxNumberOfMessages: 10})
		if err != nil {
			return n, err
		}
		n += len(out.Messages)
	}
	return n, nil
}
