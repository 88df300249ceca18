using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Values of the guardrails chart's <c>egress</c>. Pure.</summary>
internal static class EgressValues
{
    /// <summary>One entry for each opening of the plan: name, cidr, except, ports.</summary>
    public static object[] Of(RenderInput input)
    {
        var outlook = EgressNeeds.Of(input.Spec, SecretPins.Addresses(input.Secrets), input.Services);
        return [.. EgressPlan.Of(input.Spec.Network, input.Providers, outlook.Known).Select(Entry)];
    }

    private static object Entry(EgressOpening opening)
    {
        var entry = ValuesRenderer.Map(("name", opening.Name), ("cidr", opening.Cidr));
        if (opening.Except.Count > 0)
        {
            entry["except"] = opening.Except;
        }

        entry["ports"] = opening.Port is not { } port
            ? Array.Empty<object>()
            : new object[]
            {
                opening.LastPort is { } last
                    ? ValuesRenderer.Map(("port", port), ("endPort", last), ("protocol", "TCP"))
                    : ValuesRenderer.Map(("port", port), ("protocol", "TCP")),
            };
        return entry;
    }
}
