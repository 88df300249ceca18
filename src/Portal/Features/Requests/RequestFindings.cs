using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Features.Requests;

/// <summary>Findings of a request that no card of their own shows.</summary>
internal static class RequestFindings
{
    public static bool IsOwn(FindingView finding) => finding.Kind is not ("preflight" or "unknown-variable");
}
