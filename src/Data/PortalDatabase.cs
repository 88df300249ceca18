using Microsoft.EntityFrameworkCore;

namespace Portkey.Portal.Data;

/// <summary>Options that every provider shares.</summary>
public static class PortalDatabase
{
    /// <summary>Snake-case names, so that SQL written by hand reads the same on every provider.</summary>
    public static DbContextOptionsBuilder UsePortalConventions(this DbContextOptionsBuilder options) =>
        options.UseSnakeCaseNamingConvention();
}
