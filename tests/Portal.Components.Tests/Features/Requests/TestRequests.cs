using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

/// <summary>A request as a page gets it.</summary>
internal static class TestRequests
{
    public static RequestView Of(RequestKind kind, RequestState state = RequestState.Pending) =>
        new(
            Guid.NewGuid(),
            kind,
            state,
            Guid.NewGuid(),
            "payments-dev",
            Guid.NewGuid(),
            "payments",
            "sandbox",
            "payments-dev",
            "dev",
            Edition.Oss,
            "gateway 1.0.0",
            4,
            new EnvironmentSpec(),
            new Dictionary<string, string>(),
            "sha256:1",
            [],
            new PolicyView("administrator", 1, "One administrator."),
            "for the checkout",
            "lead-payments",
            "Lena",
            DateTime.UtcNow,
            null,
            null,
            "",
            [],
            new DecisionRights(true, true, ""),
            Preflight: null
        );
}
