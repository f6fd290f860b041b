terraform {
  required_version = ">= 1.10"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

# Endpoints come from the SDK's own variables (AWS_ENDPOINT_URL and its like), so
# that the same configuration applies to Amazon and to what stands in for it.
provider "aws" {
  region                      = var.region
  skip_credentials_validation = var.standin
  skip_metadata_api_check     = var.standin
  skip_requesting_account_id  = var.standin
  skip_region_validation      = var.standin
  s3_use_path_style           = var.standin
  default_tags {
    tags = merge({ application = "okence", deployment = var.name, managed-by = "terraform" }, var.tags)
  }
}
