variable "name" {
  description = "Before the name of everything: letters, digits and hyphens. Two deployments in one account have two names."
  type        = string
  default     = "okence"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "Two to 21 lower-case letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "Where everything lies. The functions refuse to start where a tenant's pack does not allow it (K19, L05)."
  type        = string
  default     = "eu-central-1"
  validation {
    condition     = can(regex("^(eu|eusc)-", var.region))
    error_message = "A region of Europe: a pack that allows another needs a documented instruction and a transfer tool, and this line changed by a person."
  }
}

variable "backup_region" {
  description = "Where a copy of the data's backups goes; empty: they stay in region. The vault there is yours to make (backup_copy_vault_arn)."
  type        = string
  default     = ""
}

variable "backup_copy_vault_arn" {
  description = "ARN of a backup vault in backup_region that takes copies of the data's backups, never of the keys'. Empty: none."
  type        = string
  default     = ""
}

variable "tenants" {
  description = "The tenants that this deployment serves. Each has a policy pack."
  type        = list(string)
  default     = ["ekc"]
}

variable "accounts" {
  description = "Channel accounts, each TENANT/CHANNEL/PROVIDER. A secret is made for each, empty: its value is put in by a person and never stands in Terraform's state."
  type        = set(string)
  default     = []
}

variable "architecture" {
  description = "Of the functions: arm64 (a fifth cheaper) or x86_64."
  type        = string
  default     = "arm64"
  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "arm64 or x86_64."
  }
}

variable "artifacts" {
  description = "Folder with a NAME.zip a function: make build-aws puts them into bin/aws/ARCHITECTURE."
  type        = string
}

variable "memory" {
  description = "Memory of a function in MB; a function's own stands in memory_of."
  type        = number
  default     = 256
}

variable "memory_of" {
  description = "Memory in MB by function."
  type        = map(number)
  default     = {}
}

variable "concurrency" {
  description = "How many invocations of a function may run at once (reserved concurrency); a function's own stands in concurrency_of. -1 reserves nothing: a new account may have too few."
  type        = number
  default     = 20
}

variable "concurrency_of" {
  description = "Reserved concurrency by function."
  type        = map(number)
  default     = {}
}

variable "settings" {
  description = "Further OKENCE_* settings. A function is given those that its manifest names, and OKENCE_LOG."
  type        = map(string)
  default     = {}
}

variable "log_days" {
  description = "How long logs are kept. They hold no personal data."
  type        = number
  default     = 90
}

variable "alarm_email" {
  description = "Who is told of alarms and of the budget. Empty: nobody; the topic takes other subscriptions."
  type        = string
  default     = ""
}

variable "budget_usd" {
  description = "Monthly budget in US dollars, of which alarm_email is told at 80 and 100 per cent. 0: none."
  type        = number
  default     = 100
}

variable "requests_per_second" {
  description = "What the HTTP API lets through, with bursts of twice that."
  type        = number
  default     = 200
}

variable "protected" {
  description = "Whether tables and bucket refuse to be deleted. False is for tests."
  type        = bool
  default     = true
}

variable "key_deletion_days" {
  description = "How long a KMS key that is to be deleted waits: 7 to 30 days."
  type        = number
  default     = 30
}

variable "backups" {
  description = "Whether AWS Backup keeps backups: of keys at most seven days (a destroyed key must not come back), of data 35."
  type        = bool
  default     = true
}

variable "lifecycle_rules" {
  description = "Whether the bucket has lifecycle rules. Only a stand-in goes without: waiting for them takes it a minute."
  type        = bool
  default     = true
}

variable "mappings_enabled" {
  description = "Whether queues call their functions. A stand-in leaves that to our own pump."
  type        = bool
  default     = true
}

variable "standin" {
  description = "Whether this is no Amazon but what stands in for it: LocalStack, Floci, moto."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Further tags of everything, such as a cost centre."
  type        = map(string)
  default     = {}
}
