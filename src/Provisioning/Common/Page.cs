namespace Portkey.Portal.Provisioning.Common;

/// <summary>One page of a list.</summary>
/// <param name="Items">Rows.</param>
/// <param name="Next">Opaque cursor of the page that follows; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Which page is asked for.</summary>
/// <param name="Cursor">Cursor from the page before; null for the first.</param>
/// <param name="Size">Rows, 1 to 200.</param>
public sealed record PageRequest(string? Cursor = null, int Size = 50)
{
    /// <summary>Size within its bounds.</summary>
    public int Take => Math.Clamp(Size, 1, 200);
}
