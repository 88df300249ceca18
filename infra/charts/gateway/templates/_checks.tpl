{{/* What a schema cannot say: values that contradict each other, or that this chart does not carry out. */}}
{{- define "gateway.checks" -}}
{{- $v := .Values }}
{{- if $v.minio.enabled }}
{{- fail "minio.enabled: this chart brings no MinIO. Set it to false and point LOG_STORE at an object store." }}
{{- end }}
{{- if $v.milvus.enabled }}
{{- fail "milvus.enabled: this chart brings no Milvus. Set it to false and point VECTOR_STORE at a vector store." }}
{{- end }}
{{- if $v.useVaultInjection }}
{{- fail "useVaultInjection: this chart does not inject from HashiCorp Vault. Use environment.existingSecret with environment.secretKeys." }}
{{- end }}
{{- if and $v.environment.secretKeys (not $v.environment.existingSecret) }}
{{- fail "environment.secretKeys: the keys come from environment.existingSecret, which is empty." }}
{{- end }}
{{- if and $v.service.containerPort $v.environment.data.PORT (ne (int $v.service.containerPort) (int $v.environment.data.PORT)) }}
{{- fail "service.containerPort: must equal environment.data.PORT, the port the gateway listens on." }}
{{- end }}
{{- if and $v.mcpService.containerPort $v.environment.data.MCP_PORT (ne (int $v.mcpService.containerPort) (int $v.environment.data.MCP_PORT)) }}
{{- fail "mcpService.containerPort: must equal environment.data.MCP_PORT, the port MCP listens on." }}
{{- end }}
{{- if and (include "gateway.mcp" .) (eq (include "gateway.port" .) (include "gateway.mcpPort" .)) }}
{{- fail "environment.data.MCP_PORT: must differ from environment.data.PORT." }}
{{- end }}
{{- range $path, $scaling := dict "autoscaling" $v.autoscaling "dataservice.autoscaling" $v.dataservice.autoscaling }}
{{- if and $scaling.enabled (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) }}
{{- fail (printf "%s.minReplicas: must not exceed %s.maxReplicas." $path $path) }}
{{- end }}
{{- if and $scaling.enabled (not $scaling.targetCPUUtilizationPercentage) (not $scaling.targetMemoryUtilizationPercentage) }}
{{- fail (printf "%s: needs targetCPUUtilizationPercentage or targetMemoryUtilizationPercentage." $path) }}
{{- end }}
{{- end }}
{{- if and $v.ingress.enabled $v.ingress.hostBased (not $v.ingress.hostname) }}
{{- fail "ingress.hostname: needed while ingress.hostBased is true." }}
{{- end }}
{{- end }}
