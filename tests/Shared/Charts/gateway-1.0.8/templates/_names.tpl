{{- define "old.name" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride }}{{ else if contains (default .Chart.Name .Values.nameOverride) .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-{{ default .Chart.Name .Values.nameOverride }}{{ end }}
{{- end }}

{{- define "old.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "old.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "old.selector" . }}
{{- end }}
