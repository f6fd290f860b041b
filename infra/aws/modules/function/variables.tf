variable "name" {
  description = "The function's name, deployment first."
  type        = string
}

variable "manifest" {
  description = "The function, as shared/host/wire generated it (functions.tf.json)."
  type = object({
    title     = string
    seconds   = number
    consumes  = list(string)
    emits     = bool
    public    = bool
    routes    = list(string)
    schedules = map(object({ type = string, rate = string, seconds = number }))
    writes    = list(string)
    reads     = list(string)
    tree      = string
    lists     = bool
    mail      = bool
    secrets   = bool
    settings  = list(string)
  })
}

variable "artifact" {
  description = "The zip with its bootstrap: where it lies, and what it hashes to (SHA-256, base64)."
  type        = object({ bucket = string, key = string, hash = string })
}

variable "architecture" {
  description = "arm64 or x86_64."
  type        = string
}

variable "memory" {
  description = "MB."
  type        = number
}

variable "concurrency" {
  description = "Reserved concurrency, or -1."
  type        = number
}

variable "environment" {
  description = "What it is given."
  type        = map(string)
}

variable "log_days" {
  description = "How long its logs are kept."
  type        = number
}

variable "log_key_arn" {
  description = "KMS key of its logs."
  type        = string
}

variable "alarm_topic" {
  description = "SNS topic that is told of alarms."
  type        = string
}

variable "dead_rules" {
  description = "Queue of what a rule can't deliver."
  type        = string
}

variable "bus" {
  description = "The event bus."
  type        = object({ name = string, arn = string })
}

variable "mapped" {
  description = "Whether its queue calls it."
  type        = bool
}

variable "tables" {
  description = "ARNs of the tables data, keys and ledger."
  type        = map(string)
}

variable "bucket_arn" {
  description = "The bucket."
  type        = string
}

variable "data_key" {
  description = "KMS key of tables and bucket."
  type        = string
}

variable "vault_key" {
  description = "KMS key of tenant keys."
  type        = string
}

variable "secrets" {
  description = "ARNs of the channel accounts' secrets."
  type        = list(string)
}

variable "queues" {
  description = "How the ARNs of queues begin."
  type        = string
}
