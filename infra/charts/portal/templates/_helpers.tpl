{{- define "portal.labels" -}}
app.kubernetes.io/name: portkey-portal
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: portkey-portal
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "portal.account" -}}
{{- default .Release.Name .Values.serviceAccount.name -}}
{{- end }}

{{- /* Cluster-scoped: two releases of one name in two namespaces must not fight over it. */ -}}
{{- define "portal.role" -}}
{{- printf "%s.%s" .Release.Namespace .Release.Name -}}
{{- end }}
