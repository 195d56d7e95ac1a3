/* Brackets by other spellings. */
#include "ungil.h"

struct STM_OBJECT node { long value; long items<:3:>; };
const char *text = "<% %> <: :>";
long both(struct node *p)
<%
    long a<:2:> = <% 1, 2 %>;
    STM_SAFEPOINT();
    p->value += a<:1:>;
    p->items<:2:>++;
    return p->value;
%>
