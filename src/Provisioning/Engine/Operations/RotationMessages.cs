using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What a failed rotation leaves behind, added to its message.</summary>
internal static class RotationMessages
{
    /// <summary>A sentence to add, with a space before it; empty for other operations.</summary>
    public static string AfterFailure(OperationContext context, bool restored)
    {
        if (context.Operation.Kind != RequestKind.Rotate)
        {
            return "";
        }

        var keys = context.ChangedKeys;
        var old = string.Join(", ", keys.Where(context.PreviousPins.ContainsKey).Select(k => $"{k} v{context.PreviousPins[k].Number}"));
        var fresh = string.Join(", ", keys.Select(k => $"{k} v{context.Pins[k].Number}"));
        var unused = keys.Any(k => VaultNames.IsShared(context.Pins[k].VaultName)) ? "not used here" : "not used";
        return restored
            ? $" {old} is in use and stays valid; {fresh} is {unused}."
            : $" {old} stays valid; {fresh} may still be in use by pods, see the log.";
    }
}
