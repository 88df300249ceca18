using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Limits the size of every answer of an API server, whoever reads it. A watch has no end; its lines are bounded where they are
/// read.</summary>
internal sealed class BoundedAnswers : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.RequestUri?.Query.Contains("watch=true", StringComparison.Ordinal) == true)
        {
            return response;
        }

        var inner = response.Content;
        var bounded = new StreamContent(
            new BoundedStream(
                await inner.ReadAsStreamAsync(cancellationToken),
                ReadLimits.Cluster.Size,
                () => BoundedYaml.TooLarge(ReadLimits.Cluster)
            )
        );
        foreach (var header in inner.Headers)
        {
            bounded.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        response.Content = bounded;
        return response;
    }
}
