namespace Portkey.Portal.Shared;

/// <summary>A fault that waits for its calls.</summary>
/// <param name="Status">What is answered; 0 breaks the connection, -1 lets the caller wait until it gives up.</param>
/// <param name="Code">Error code.</param>
/// <param name="InnerCode">Code of the inner error; empty for none.</param>
/// <param name="Message">What Azure says with it.</param>
/// <param name="RetryAfter">Seconds; null for no header.</param>
/// <param name="Body">In place of Azure's error, text as something between would answer.</param>
internal sealed record KeyVaultFault(
    int Status,
    string Code,
    string InnerCode,
    string Message,
    int? RetryAfter = null,
    string? Body = null
);

/// <summary>Tells the stand-in to misbehave, for the next calls that prove who they are. Orders queue up.</summary>
public sealed class KeyVaultFaults
{
    private readonly Queue<(KeyVaultFault Fault, int Left)> orders = new();

    public KeyVaultFaults Throttle(int calls = 1, int? retryAfter = 1) =>
        Order(
            calls,
            new(
                429,
                "Throttled",
                "",
                "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached",
                retryAfter
            )
        );

    /// <summary>403 with that inner code: ForbiddenByRbac, ForbiddenByPolicy, ForbiddenByFirewall, ForbiddenByConnection.</summary>
    public KeyVaultFaults Forbid(string innerCode, int calls = 1) =>
        Order(calls, new(403, "Forbidden", innerCode, "Caller is not authorized to perform action on resource."));

    /// <summary>Any other error as Azure writes it.</summary>
    public KeyVaultFaults Fail(int status, string code, string innerCode = "", int calls = 1) =>
        Order(calls, new(status, code, innerCode, "The test told it to."));

    /// <summary>An answer that is not Key Vault's, such as a proxy's page. <c>{body}</c> stands for what was sent.</summary>
    public KeyVaultFaults Answer(int status, string body, int calls = 1) => Order(calls, new(status, "", "", "", null, body));

    public KeyVaultFaults Break(int calls = 1) => Order(calls, new(0, "", "", ""));

    public KeyVaultFaults Hang(int calls = 1) => Order(calls, new(-1, "", "", ""));

    public void Clear()
    {
        lock (orders)
        {
            orders.Clear();
        }
    }

    internal KeyVaultFault? Take()
    {
        lock (orders)
        {
            if (orders.Count == 0)
            {
                return null;
            }

            var (fault, left) = orders.Dequeue();
            var rest = orders.ToList();
            if (left > 1)
            {
                orders.Clear();
                orders.Enqueue((fault, left - 1));
                rest.ForEach(orders.Enqueue);
            }

            return fault;
        }
    }

    private KeyVaultFaults Order(int calls, KeyVaultFault fault)
    {
        lock (orders)
        {
            orders.Enqueue((fault, calls));
        }

        return this;
    }
}
