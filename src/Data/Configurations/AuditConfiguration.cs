using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portkey.Portal.Data.Configurations;

internal sealed class AuditEventConfiguration : IEntityTypeConfiguration<AuditEvent>
{
    public void Configure(EntityTypeBuilder<AuditEvent> builder)
    {
        builder.HasIndex(e => new { e.Chain, e.Index }).IsUnique();
        builder.HasIndex(e => new { e.EnvironmentId, e.Id });
        builder.HasIndex(e => new { e.TeamId, e.Id });
        builder.HasIndex(e => new { e.Actor, e.Id });
        builder.HasIndex(e => new { e.Action, e.Id });
        builder.HasIndex(e => e.At);
        builder.Property(e => e.BeforeJson).HasMaxLength(-1);
        builder.Property(e => e.AfterJson).HasMaxLength(-1);
        builder.Property(e => e.Reason).HasMaxLength(2000);
    }
}

internal sealed class AuditChainHeadConfiguration : IEntityTypeConfiguration<AuditChainHead>
{
    public void Configure(EntityTypeBuilder<AuditChainHead> builder)
    {
        builder.HasKey(h => h.Chain);
        builder.Property(h => h.Index).IsConcurrencyToken();
    }
}

internal sealed class AuditSealStreamConfiguration : IEntityTypeConfiguration<AuditSealStream>
{
    public void Configure(EntityTypeBuilder<AuditSealStream> builder)
    {
        builder.HasKey(s => s.Stream);
        builder.HasIndex(s => new { s.Host, s.Folder });
        builder.Property(s => s.Folder).HasMaxLength(4096);
    }
}

internal sealed class PortalKeyConfiguration : IEntityTypeConfiguration<PortalKey>
{
    public void Configure(EntityTypeBuilder<PortalKey> builder)
    {
        // The key makes two processes that start at once agree: the second one's row is refused.
        builder.HasKey(k => new { k.Purpose, k.Id });
        builder.Property(k => k.Purpose).HasMaxLength(32);
    }
}
