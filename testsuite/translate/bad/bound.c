struct s { int x; };
int g(void);
void bound(struct s *p, int a[][p->x]) { a[0][0] = 1; }
void called(int a[3][g()]) { a[0][0] = 1; }
