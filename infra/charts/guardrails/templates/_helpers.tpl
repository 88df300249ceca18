{{/* The prefix of every object: the release's name, short enough for what follows it. */}}
{{- define "guardrails.prefix" -}}
{{- .Release.Name | trunc 32 | trimSuffix "-" }}
{{- end }}

{{- define "guardrails.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: portkey-portal
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Metadata of one object: dict "root" $ "name" "suffix". */}}
{{- define "guardrails.metadata" -}}
name: {{ printf "%s-%s" (include "guardrails.prefix" .root) .name | trunc 63 | trimSuffix "-" }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "guardrails.labels" .root | nindent 2 }}
{{- end }}

{{/* An address range with what is left out of it. */}}
{{- define "guardrails.ipBlock" -}}
ipBlock:
  cidr: {{ .cidr | quote }}
  {{- with .except }}
  except:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
