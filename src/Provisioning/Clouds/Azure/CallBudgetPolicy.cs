using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>Puts each request to a vault, including retries and sign-in challenges, under the <see cref="CallBudget"/>.</summary>
internal sealed class CallBudgetPolicy(CallBudget budget, TimeSpan patience, TimeProvider time) : HttpPipelinePolicy
{
    private static readonly TimeSpan UnsaidPause = TimeSpan.FromSeconds(1);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await budget.EnterAsync(patience, message.CancellationToken);
        await ProcessNextAsync(message, pipeline);
        if (message.Response.Status != 429)
        {
            return;
        }

        var pause = PauseOf(message.Response);
        budget.Close(pause);
        if (pause > patience)
        {
            throw CallBudget.Throttled(pause);
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The vault is called asynchronously only: waiting for a turn would block a thread.");

    // Seconds or a date, as in RFC 9110.
    private TimeSpan PauseOf(Response response)
    {
        if (!response.Headers.TryGetValue("Retry-After", out var said) || said is null)
        {
            return UnsaidPause;
        }

        return int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
            : DateTimeOffset.TryParse(said, CultureInfo.InvariantCulture, out var date) && date > time.GetUtcNow() ? date - time.GetUtcNow()
            : UnsaidPause;
    }
}
