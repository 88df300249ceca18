using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Portkey.Portal.Data;

/// <summary>Times are UTC on every provider: SQLite hands them back with no kind, PostgreSQL refuses any other. Public for the compiled
/// models, which make one.</summary>
public sealed class UtcConverter()
    : ValueConverter<DateTime, DateTime>(
        v => v.Kind == DateTimeKind.Utc ? v : v.ToUniversalTime(),
        v => DateTime.SpecifyKind(v, DateTimeKind.Utc)
    );
