using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Values and manifests of a proposal.</summary>
public sealed record Rendered(string Values, string Manifest);

/// <summary>Renders a proposal with the real charts; needs no cluster.</summary>
public sealed class Renderer(
    HelmRunner helm,
    ChartStore charts,
    IOptions<ProvisioningOptions> options,
    IOptions<PreflightOptions>? preflight = null
)
{
    private const int MostRendered = 200;

    private readonly ConcurrentDictionary<
        (string Digest, string Release, string Namespace, string Version, string Values),
        string
    > rendered = new();

    /// <summary>Address ranges by provider.</summary>
    public IReadOnlyDictionary<string, string[]> Providers { get; } = options.Value.EgressProviders.AsReadOnly();

    /// <summary>What specs may hold.</summary>
    public SpecPolicy Policy { get; } = SpecPolicy.Of(options.Value);

    /// <summary>Public services that a spec needs without naming them.</summary>
    public ServiceAddresses Services { get; } = (preflight?.Value ?? new()).Services;

    /// <summary>Renders both charts.</summary>
    /// <exception cref="InvalidInputException">The chart does not accept the values.</exception>
    public async Task<Rendered> RenderAsync(RenderInput input, CancellationToken cancellationToken)
    {
        var chart = await ChartAsync(input.Chart, cancellationToken);
        if (ChartContents.WhyNot(chart) is { Count: > 0 } definitions)
        {
            throw new InvalidInputException(
                "chartVersion",
                $"Chart {input.Chart.Name} {input.Chart.Version} cannot be used. {ChartContents.CustomDefinitions}: {string.Join(" ", definitions.Take(5))}"
            );
        }

        input = input with { Facts = charts.FactsOf(chart), Providers = Providers, Services = Services };
        var values = ValuesRenderer.Gateway(input);
        var guardrails = await charts.ResolveAsync(
            ChartSource.Directory,
            Path.Combine(options.Value.ChartsDirectory, "guardrails"),
            null,
            null,
            cancellationToken
        );
        try
        {
            var gateway = helm.TemplateAsync(
                chart.Path,
                input.Release,
                input.Namespace,
                values,
                cancellationToken,
                kubernetesVersion: input.KubernetesVersion
            );
            var rails = GuardrailsAsync(guardrails, input, cancellationToken);
            await Task.WhenAll(gateway, rails);
            var manifest = ImagePins.Write(await gateway, input.ImageDigests);
            Refuse(input, manifest);
            return new Rendered(values, Manifests.Join(manifest, await rails));
        }
        catch (HelmException e) when (e.Failure is HelmFailure.InvalidValues or HelmFailure.InvalidChart)
        {
            throw new InvalidInputException(
                "chartVersion",
                $"Chart {input.Chart.Name} {input.Chart.Version} does not accept this spec: {e.Message}"
            );
        }
    }

    // Most edits change settings, not size or network, and leave the guardrails as they were: what was rendered from the same chart and
    // values for the same release is still what Helm would render.
    private async Task<string> GuardrailsAsync(ResolvedChart chart, RenderInput input, CancellationToken cancellationToken)
    {
        var values = ValuesRenderer.Guardrails(input);
        var key = (chart.Digest, input.Release, input.Namespace, input.KubernetesVersion, values);
        if (rendered.TryGetValue(key, out var known))
        {
            return known;
        }

        var manifest = await helm.TemplateAsync(
            chart.Path,
            input.Release,
            input.Namespace,
            values,
            cancellationToken,
            kubernetesVersion: input.KubernetesVersion
        );
        if (rendered.Count >= MostRendered)
        {
            rendered.Clear();
        }

        rendered[key] = manifest;
        return manifest;
    }

    // What a chart renders depends on the values, so it is checked each time and not only when the chart is registered.
    private static void Refuse(RenderInput input, string manifest)
    {
        IReadOnlyList<string> wrong;
        try
        {
            wrong = ManifestRules.OutsideNamespace(manifest, input.Namespace);
            wrong = wrong.Count > 0 || input.Chart.PodSecurityWaiver.Length > 0 ? wrong : ManifestRules.AgainstRestricted(manifest);
            wrong = wrong.Count > 0 ? wrong : ImageRules.Floating(manifest);
            wrong = wrong.Count > 0 ? wrong : RenderedAsAsked.Differences(input, manifest);
        }
        catch (ClusterRejectedException e)
        {
            wrong = [e.Message];
        }

        if (wrong.Count > 0)
        {
            throw new InvalidInputException(
                "chartVersion",
                $"With this spec, chart {input.Chart.Name} {input.Chart.Version} renders what the portal does not apply: {string.Join(" ", wrong.Take(5))}"
            );
        }
    }

    /// <summary>What a chart version takes.</summary>
    public async Task<ChartFacts> FactsAsync(ChartVersion chart, CancellationToken cancellationToken) =>
        charts.FactsOf(await ChartAsync(chart, cancellationToken));

    private Task<ResolvedChart> ChartAsync(ChartVersion chart, CancellationToken cancellationToken) =>
        charts.ResolveAsync(chart.Source, chart.Location, chart.Version, chart.Digest, cancellationToken);
}
