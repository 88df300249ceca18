namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>What may stand at one place of a chart's values, and why.</summary>
/// <param name="Path">Path, such as <c>service.annotations</c>.</param>
/// <param name="Taken">Whether the chart takes a value there at all.</param>
/// <param name="Open">Whether it takes names there that it does not list itself.</param>
/// <param name="Why">Reason, such as <c>templates pass it on: toYaml in templates/service.yaml</c>.</param>
public sealed record ChartPlace(string Path, bool Taken, bool Open, string Why);
