using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>The other side of credentials whose provider is <c>played</c>; calls <c>take-back</c> and <c>retire</c>.</summary>
internal sealed class FakeIssuer : IKeyIssuer
{
    public Faults Faults { get; } = new();

    public string Id => "played";

    public Task<IssuePlan> PlanAsync(IssueContext context, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<SecretValue> IssueAsync(IssueContext context, IssuePlan plan, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task TakeBackAsync(IssueContext context, string mark, CancellationToken cancellationToken) =>
        Faults.PassAsync($"take-back {mark}", cancellationToken);

    public async Task<string> RetireAsync(IssueContext context, SecretValue old, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("retire", cancellationToken);
        return "The old value is taken back on the other side.";
    }
}
